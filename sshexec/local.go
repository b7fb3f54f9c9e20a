package sshexec

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/user"
)

// Local returns a Runner for this machine, named "local": the same scripts run by the same
// /bin/sh, without SSH. Its Login returns itself, since there is no way in to be lost.
// SSH_CONNECTION is what it is in the environment of this process.
func Local(privilege Privilege, sudoPassword Secret) Runner {
	name := "" // where it cannot be told, the shell is asked who it is
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return &local{host{name: "local", elevation: elevation{privilege: privilege, password: sudoPassword, user: name}}}
}

type local struct{ host host }

func (l *local) Name() string                          { return l.host.name }
func (l *local) Remote() bool                          { return false }
func (l *local) Login(context.Context) (Runner, error) { return l, nil }
func (l *local) Close() error                          { return nil }

func (l *local) Run(ctx context.Context, script Script) (Result, error) {
	return l.host.execute(ctx, script, startLocal)
}

// startLocal starts the shell as a process of this machine.
func startLocal(ctx context.Context) (shell, error) {
	if err := ctx.Err(); err != nil {
		return shell{}, &NotSentError{Host: "local", Err: err}
	}
	var ours, theirs [3]*os.File
	cmd := exec.Command("/bin/sh", "-s")
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	apart(cmd)
	err := openPipes(&ours, &theirs)
	if err == nil {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs[0], theirs[1], theirs[2]
		err = cmd.Start()
	}
	closeAll(theirs)
	if err != nil {
		closeAll(ours)
		return shell{}, &NotSentError{Host: "local", Err: err}
	}
	ended := make(chan ending, 1)
	go func() { ended <- endingOf(cmd.Wait()) }()
	return shell{
		stdin:   ours[0],
		stdout:  ours[1],
		stderr:  ours[2],
		ended:   ended,
		abandon: func() { closeAll(ours) },
	}, nil
}

// openPipes makes the pipes of the three standard files, each with an end for either side.
func openPipes(ours, theirs *[3]*os.File) error {
	for i := range ours {
		read, write, err := os.Pipe()
		if err != nil {
			return err
		}
		ours[i], theirs[i] = read, write
		if i == 0 {
			ours[i], theirs[i] = write, read
		}
	}
	return nil
}

func closeAll(files [3]*os.File) {
	for _, f := range files {
		_ = f.Close() // nil and closed files report an error, and no more
	}
}

func endingOf(err error) ending {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return ending{}
	case !errors.As(err, &exit):
		return ending{err: err}
	case exit.ExitCode() < 0:
		return ending{signal: killedBy(exit)}
	}
	return ending{status: exit.ExitCode()}
}
