package main

import (
	"net"
	"runtime"
	"sync"

	"google.golang.org/grpc/credentials"
)

// heldBytesMax is how much may wait while as much again is being sent.
const heldBytesMax = 128 << 10

// batchingCredentials sends in one system call what is written while others have the processor.
// crypto/tls would take one for each record of 16 KiB, and grpc-go, as soon as messages are longer
// than a kilobyte, one for each message: then it falls behind, and messages get longer.
type batchingCredentials struct {
	credentials.TransportCredentials
}

func (c batchingCredentials) ServerHandshake(
	raw net.Conn,
) (net.Conn, credentials.AuthInfo, error) {
	batching := newBatchingConn(raw)
	secure, info, err := c.TransportCredentials.ServerHandshake(batching)
	if err == nil {
		batching.start()
	}
	return secure, info, err
}

// batchingConn is a connection below crypto/tls.
type batchingConn struct {
	net.Conn

	mutex sync.Mutex
	// Until it starts, records are sent as they come: a client that is refused is told so.
	started bool
	// There is a goroutine that sends.
	sending bool
	// Signalled when something has been sent.
	sent *sync.Cond
	held *[]byte
	err  error
}

// batches are shared by all connections: an idle one has none.
var batches = sync.Pool{New: func() any { return new([]byte) }}

func newBatchingConn(raw net.Conn) *batchingConn {
	conn := &batchingConn{Conn: raw}
	conn.sent = sync.NewCond(&conn.mutex)
	return conn
}

func (c *batchingConn) start() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.started = true
}

// Write answers before anything is sent; what went wrong the next call tells.
func (c *batchingConn) Write(record []byte) (int, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.started {
		return c.Conn.Write(record)
	}
	for c.err == nil && c.held != nil && len(*c.held) >= heldBytesMax {
		c.sent.Wait()
	}
	if c.err != nil {
		return 0, c.err
	}
	if c.held == nil {
		c.held = batches.Get().(*[]byte)
	}
	*c.held = append(*c.held, record...)
	if !c.sending {
		c.sending = true
		go c.send()
	}
	return len(record), nil
}

func (c *batchingConn) send() {
	// Those who have something for this connection, too, come first.
	runtime.Gosched()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for c.held != nil && c.err == nil {
		batch := c.held
		c.held = nil
		c.mutex.Unlock()
		_, err := c.Conn.Write(*batch)
		*batch = (*batch)[:0]
		batches.Put(batch)
		c.mutex.Lock()
		c.err = err
		c.sent.Broadcast()
	}
	c.sending = false
}
