#ifndef CLINUX_SANDBOX_H
#define CLINUX_SANDBOX_H

#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdint.h>
#include <sys/personality.h>
#include <sys/types.h>

/* Namespaces, mounts and privileges: what the first process of a sandbox needs and Swift cannot
 * import. Each returns -1 and sets errno on failure, as the call it stands for. */

extern const uint64_t clinux_new_user_namespace;
extern const uint64_t clinux_new_network_namespace;
extern const uint64_t clinux_new_ipc_namespace;
extern const uint64_t clinux_new_uts_namespace;

/* unshare(2): the group that the caller is in becomes the root of all groups it sees. */
int clinux_leave_cgroup_namespace(void);

/* Sends one byte, and with it the descriptor unless that is -1; unix(7), SCM_RIGHTS. */
int clinux_send_descriptor(int socket, int descriptor);

/* Waits for such a byte. 1: it came, 0: the other side is gone. `descriptor` gets -1 if none came
 * with it. */
int clinux_receive_descriptor(int socket, int *descriptor);

/* open_tree(2): a copy of what is mounted at `path`, with what is below if `recursive`; it is
 * mounted nowhere yet. */
int clinux_copy_mount(const char *path, int recursive);

/* mount_setattr(2): adds MOUNT_ATTR_* to a mount, and to all below if `recursive`, and cuts them
 * off from what is mounted elsewhere. */
int clinux_restrict_mount(int mount, uint64_t attributes, int recursive);

/* mount_setattr(2), MOUNT_ATTR_IDMAP: the owners of the files become those of a user namespace. */
int clinux_map_mount(int mount, int user_namespace);

/* move_mount(2): puts what is mounted nowhere yet on `path`. */
int clinux_place_mount(int mount, const char *path);

/* fsopen(2), fsconfig(2), fsmount(2): a new file system, mounted nowhere yet. An option without a
 * value has NULL for one. */
int clinux_open_file_system(const char *type);
int clinux_set_option(int file_system, const char *key, const char *value);
int clinux_make_mount(int file_system, uint64_t attributes);

/* pivot_root(2): the working directory becomes the root, and the old root is left to those who
 * hold it. */
int clinux_enter_root(void);

/* keyctl(2): a session keyring of the caller's own, with nothing in it. */
int clinux_join_new_keyring(void);

/* setresuid(2): `user` is the effective user, and so the owner of namespaces that are made. All
 * else stays: the real and the saved user, whom files are reached as, setfsuid(2), and the
 * capabilities, which a change from root would take. */
int clinux_act_as(uid_t user);

/* capset(2): these are permitted and effective, and none is inheritable. */
int clinux_set_capabilities(uint64_t capabilities);

/* seccomp(2), SECCOMP_SET_MODE_FILTER: `count` instructions, each a struct sock_filter. */
int clinux_load_filter(const void *instructions, unsigned short count);

#endif
