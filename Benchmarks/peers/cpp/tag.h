// What the completion queue gives back: an operation of somebody has ended.
#ifndef PEER_TAG_H
#define PEER_TAG_H

class Tag {
public:
    virtual void complete(bool ok) = 0;

protected:
    ~Tag() = default;
};

// A tag that calls a method of its owner, for those that have more than one.
template <class Owner, void (Owner::*method)(bool)>
class TagOf final : public Tag {
public:
    explicit TagOf(Owner *owner) : owner_(owner) {}
    void complete(bool ok) override { (owner_->*method)(ok); }

private:
    Owner *owner_;
};

#endif
