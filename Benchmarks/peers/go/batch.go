package main

import (
	"net"
	"sync"

	"google.golang.org/grpc/credentials"
)

// batchingCredentials sends what grpc-go writes at a time in one system call. crypto/tls would take
// one for each record of 16 KiB.
type batchingCredentials struct {
	credentials.TransportCredentials
}

func (c batchingCredentials) ServerHandshake(
	raw net.Conn,
) (net.Conn, credentials.AuthInfo, error) {
	records := &recordConn{Conn: raw}
	secure, info, err := c.TransportCredentials.ServerHandshake(records)
	if err != nil {
		return nil, nil, err
	}
	return &batchingConn{Conn: secure, records: records}, info, nil
}

// batchingConn is a connection above crypto/tls.
type batchingConn struct {
	net.Conn
	records *recordConn
}

func (c *batchingConn) Write(data []byte) (int, error) {
	c.records.hold()
	count, err := c.Conn.Write(data)
	if sendError := c.records.send(); err == nil {
		err = sendError
	}
	return count, err
}

// recordConn is a connection below crypto/tls, which writes from the readers' side, too: when a
// client asks for new keys, or when the connection is closed.
type recordConn struct {
	net.Conn
	mutex sync.Mutex
	held  *[]byte
}

// batches are shared by all connections: an idle one has none.
var batches = sync.Pool{New: func() any { return new([]byte) }}

func (c *recordConn) hold() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.held = batches.Get().(*[]byte)
}

func (c *recordConn) Write(record []byte) (int, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.held == nil {
		return c.Conn.Write(record)
	}
	*c.held = append(*c.held, record...)
	return len(record), nil
}

func (c *recordConn) send() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	batch := c.held
	c.held = nil
	_, err := c.Conn.Write(*batch)
	*batch = (*batch)[:0]
	batches.Put(batch)
	return err
}
