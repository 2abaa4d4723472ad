// A peer to measure cmdctld against: the calls of cmdctl.v1.JobService that a follower needs,
// served by grpc-go. Mutual TLS 1.3; a job writes its own log file; followers are woken by inotify
// and get messages of up to 64 KiB.
//
//	peer --listen 127.0.0.1:0 --cert FILE --key FILE --client-ca FILE --dir DIR
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	cmdctl "cmdctl/v1"

	"google.golang.org/grpc"
)

// Chunks are garbage as soon as they are sent: with the default of 100 the collector would run
// after every 4 MiB of them.
const garbagePercent = 400

func main() {
	log.SetFlags(0)
	log.SetPrefix("peer: ")
	listen := flag.String("listen", "127.0.0.1:0", "`address` to serve at")
	directory := flag.String("dir", "", "`directory` of the logs")
	var files identityFiles
	flag.StringVar(&files.certificate, "cert", "", "`file` with the server's certificate")
	flag.StringVar(&files.key, "key", "", "`file` with its key")
	flag.StringVar(&files.clientAuthority, "client-ca", "", "`file` with the clients' authority")
	flag.Parse()

	debug.SetGCPercent(garbagePercent)
	credentials, err := newCredentials(files)
	exitOn(err)
	jobs, err := newJobStore(*directory)
	exitOn(err)
	listener, err := net.Listen("tcp", *listen)
	exitOn(err)

	server := grpc.NewServer(grpc.Creds(credentials))
	cmdctl.RegisterJobServiceServer(server, &jobService{jobs: jobs})
	go stopOnSignal(server)
	fmt.Fprintf(os.Stderr, "listening on %s\n", listener.Addr())
	err = server.Serve(listener)
	jobs.killAll()
	exitOn(err)
}

func stopOnSignal(server *grpc.Server) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
	server.Stop()
}

func exitOn(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
