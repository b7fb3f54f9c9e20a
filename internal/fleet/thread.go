package fleet

import (
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// home is the network namespace of this process.
var home = sync.OnceValues(func() (*os.File, error) { return os.Open("/proc/self/ns/net") })

// A thread is one of the system's that a single goroutine has for itself. It never ends: the kernel sends Pdeathsig
// to a child when the thread that started it ends, and any goroutine's start may have been on this one before
// (launch and terraform-exec ask for Pdeathsig).
type thread struct{ work chan func() }

// threads are those that wait for work.
var threads struct {
	sync.Mutex
	idle []*thread
}

// elsewhere calls f on a thread of its own, where f may change the network namespace. It is put back afterwards.
func elsewhere(f func() error) error {
	at, err := home()
	if err != nil {
		return err
	}
	t := takeThread()
	done := make(chan error)
	t.work <- func() {
		err := f()
		if back := unix.Setns(int(at.Fd()), unix.CLONE_NEWNET); back != nil {
			panic("a thread cannot go back into its network namespace: " + back.Error())
		}
		done <- err
	}
	err = <-done
	threads.Lock()
	threads.idle = append(threads.idle, t)
	threads.Unlock()
	return err
}

func takeThread() *thread {
	threads.Lock()
	defer threads.Unlock()
	if last := len(threads.idle) - 1; last >= 0 {
		t := threads.idle[last]
		threads.idle = threads.idle[:last]
		return t
	}
	t := &thread{work: make(chan func())}
	go t.run()
	return t
}

func (t *thread) run() {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() {
		// /proc/PID speaks of the main thread. While it is held here, the next goroutine gets another one.
		defer runtime.UnlockOSThread()
		locked := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(locked)
			t.serve()
		}()
		<-locked
		return
	}
	t.serve()
}

func (t *thread) serve() {
	for f := range t.work {
		f()
	}
}
