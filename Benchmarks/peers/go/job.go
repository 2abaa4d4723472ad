package main

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	cmdctl "cmdctl/v1"

	"github.com/golang/protobuf/ptypes/timestamp"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/status"
)

// job is a command that runs or ran.
type job struct {
	id      string
	spec    *cmdctl.JobSpec
	log     *jobLog
	created time.Time
	process *os.Process
	// Closed when it has ended; what follows is not read before.
	ended   chan struct{}
	endedAt time.Time
	status  syscall.WaitStatus
	size    int64

	// Held while it is killed or reaped: afterwards the number may be another process's.
	reaping sync.Mutex
}

// launch starts the command with its output in the log, and sees to its end.
func (j *job) launch(words []string, null *os.File) error {
	program, err := exec.LookPath(words[0])
	if err != nil {
		return err
	}
	output, err := os.OpenFile(j.log.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer output.Close()
	j.process, err = os.StartProcess(program, words, &os.ProcAttr{
		Dir:   j.workingDirectory(),
		Env:   j.environment(),
		Files: []*os.File{null, output, output},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return err
	}
	descriptor, err := unix.PidfdOpen(j.process.Pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return err
	}
	go j.awaitEnd(os.NewFile(uintptr(descriptor), "pidfd"))
	return nil
}

func (j *job) workingDirectory() string {
	if j.spec.WorkingDirectory == "" {
		return "/"
	}
	return j.spec.WorkingDirectory
}

func (j *job) environment() []string {
	values := map[string]string{"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/"}
	for name, value := range j.spec.Environment {
		values[name] = value
	}
	values["CMDCTL_JOB_ID"] = j.id
	var result []string
	for name, value := range values {
		result = append(result, name+"="+value)
	}
	return result
}

// awaitEnd waits by the runtime's poller: os.Process.Wait would take a thread for each job.
func (j *job) awaitEnd(pidfd *os.File) {
	defer pidfd.Close()
	connection, err := pidfd.SyscallConn()
	exitOn(err)
	err = connection.Read(func(descriptor uintptr) bool {
		var info unix.Siginfo
		options := unix.WEXITED | unix.WNOHANG | unix.WNOWAIT
		err := unix.Waitid(unix.P_PIDFD, int(descriptor), &info, options, nil)
		return err != nil || info.Signo != 0
	})
	exitOn(err)
	j.reap()
}

func (j *job) reap() {
	j.reaping.Lock()
	state, err := j.process.Wait()
	exitOn(err)
	j.status = state.Sys().(syscall.WaitStatus)
	j.endedAt = time.Now()
	if info, err := os.Stat(j.log.path); err == nil {
		j.size = info.Size()
	}
	close(j.ended)
	j.reaping.Unlock()
	j.log.wake()
}

func (j *job) hasEnded() bool {
	select {
	case <-j.ended:
		return true
	default:
		return false
	}
}

// wait returns when it has ended, or when nobody waits any more.
func (j *job) wait(ctx context.Context) error {
	select {
	case <-j.ended:
		return nil
	case <-ctx.Done():
		return status.FromContextError(ctx.Err()).Err()
	}
}

// kill ends all that the job has started and that stayed in its session.
func (j *job) kill() {
	j.reaping.Lock()
	defer j.reaping.Unlock()
	if !j.hasEnded() {
		_ = syscall.Kill(-j.process.Pid, syscall.SIGKILL)
	}
}

// describe answers what the job is at this moment.
func (j *job) describe() *cmdctl.Job {
	description := &cmdctl.Job{
		Id: j.id, Spec: j.spec, CreateTime: stamp(j.created), StartTime: stamp(j.created),
		State: cmdctl.JobState_JOB_STATE_RUNNING}
	if !j.hasEnded() {
		return description
	}
	description.State = cmdctl.JobState_JOB_STATE_EXITED
	description.EndTime = stamp(j.endedAt)
	description.OutputSize = uint64(j.size)
	description.Outcome = cmdctl.JobOutcome_JOB_OUTCOME_FAILED
	if j.status.Signaled() {
		description.XSignal = &cmdctl.Job_Signal{Signal: int32(j.status.Signal())}
		return description
	}
	if j.status.ExitStatus() == 0 {
		description.Outcome = cmdctl.JobOutcome_JOB_OUTCOME_SUCCEEDED
	}
	description.XExitCode = &cmdctl.Job_ExitCode{ExitCode: int32(j.status.ExitStatus())}
	return description
}

func stamp(moment time.Time) *timestamp.Timestamp {
	return &timestamp.Timestamp{Seconds: moment.Unix(), Nanos: int32(moment.Nanosecond())}
}
