package main

import (
	"context"

	cmdctl "cmdctl/v1"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// jobService answers the calls; those that are not here are UNIMPLEMENTED.
type jobService struct {
	cmdctl.UnimplementedJobServiceServer
	jobs *jobStore
}

func (s *jobService) StartJob(
	_ context.Context, request *cmdctl.StartJobRequest,
) (*cmdctl.StartJobResponse, error) {
	job, err := s.jobs.start(request.GetSpec())
	if err != nil {
		return nil, err
	}
	return &cmdctl.StartJobResponse{Job: job.describe()}, nil
}

func (s *jobService) GetJob(
	_ context.Context, request *cmdctl.GetJobRequest,
) (*cmdctl.GetJobResponse, error) {
	job, err := s.jobs.find(request.Job)
	if err != nil {
		return nil, err
	}
	return &cmdctl.GetJobResponse{Job: job.describe()}, nil
}

func (s *jobService) WaitJob(
	ctx context.Context, request *cmdctl.WaitJobRequest,
) (*cmdctl.WaitJobResponse, error) {
	job, err := s.jobs.find(request.Job)
	if err != nil {
		return nil, err
	}
	if err := job.wait(ctx); err != nil {
		return nil, err
	}
	return &cmdctl.WaitJobResponse{Job: job.describe()}, nil
}

// StopJob gives no grace.
func (s *jobService) StopJob(
	ctx context.Context, request *cmdctl.StopJobRequest,
) (*cmdctl.StopJobResponse, error) {
	job, err := s.jobs.find(request.Job)
	if err != nil {
		return nil, err
	}
	job.kill()
	if err := job.wait(ctx); err != nil {
		return nil, err
	}
	return &cmdctl.StopJobResponse{Job: job.describe()}, nil
}

func (s *jobService) GetOutput(
	request *cmdctl.GetOutputRequest, stream cmdctl.JobService_GetOutputServer,
) error {
	job, err := s.jobs.find(request.Job)
	if err != nil {
		return err
	}
	// Followers of a silent job learn at once that they are attached.
	if err := stream.SendHeader(nil); err != nil {
		return err
	}
	tail, err := job.log.attach()
	if err != nil {
		return status.Errorf(codes.Internal, "open log: %v", err)
	}
	defer job.log.detach()
	return follow(job, tail, request, stream)
}
