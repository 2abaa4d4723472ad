package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"google.golang.org/grpc/credentials"
)

// identityFiles says where the server's identity is, and whom it trusts.
type identityFiles struct {
	certificate, key, clientAuthority string
}

// newCredentials demands TLS 1.3 and a client certificate of the authority.
func newCredentials(files identityFiles) (credentials.TransportCredentials, error) {
	certificate, err := tls.LoadX509KeyPair(files.certificate, files.key)
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(files.clientAuthority)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s: no certificate in it", files.clientAuthority)
	}
	return batchingCredentials{credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    pool,
		MinVersion:   tls.VersionTLS13,
	})}, nil
}
