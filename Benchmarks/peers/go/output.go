package main

import (
	cmdctl "cmdctl/v1"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// follow sends what the job wrote and writes, until it has ended and everything is sent.
func follow(
	job *job, tail *tail, request *cmdctl.GetOutputRequest, stream cmdctl.JobService_GetOutputServer,
) error {
	size, _ := tail.state()
	offset, err := firstOffset(request, size)
	if err != nil {
		return err
	}
	for {
		// Known before the size is: what an ended job wrote is all in the file.
		over := request.NoFollow || job.hasEnded()
		size, changed := tail.state()
		for offset < size {
			chunk, err := tail.read(offset, size)
			if err != nil {
				return status.Errorf(codes.Internal, "read log: %v", err)
			}
			if err := stream.SendMsg(chunk); err != nil {
				return err
			}
			offset = chunk.end()
		}
		if over {
			end := &cmdctl.OutputEnd{Job: job.describe()}
			return stream.Send(&cmdctl.GetOutputResponse{Offset: uint64(offset), End: end})
		}
		select {
		case <-changed:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

func firstOffset(request *cmdctl.GetOutputRequest, size int64) (int64, error) {
	switch start := request.Start.(type) {
	case *cmdctl.GetOutputRequest_Offset:
		if start.Offset > uint64(size) {
			return 0, status.Errorf(codes.OutOfRange, "the output ends at %d", size)
		}
		return int64(start.Offset), nil
	case *cmdctl.GetOutputRequest_Position:
		if start.Position == cmdctl.StartPosition_START_POSITION_NOW {
			return size, nil
		}
	}
	return 0, nil
}
