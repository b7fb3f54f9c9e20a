package fleet

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A delay is a wire in user space between this process's network and a router: a TUN device at each end, and
// packets that are held or lost on the way. (Linux has netem for this, but not every kernel is built with it.)
type delay struct {
	ends   [2]*os.File
	oneWay atomic.Int64 // nanoseconds
	loss   atomic.Int64 // packets in a million
}

// newDelay makes the wire; both its devices are called name.
func newDelay(ns *namespace, name string) (*delay, error) {
	near, err := openTUN(name)
	if err != nil {
		return nil, err
	}
	var far *os.File
	if err := ns.do(func() error {
		far, err = openTUN(name)
		return err
	}); err != nil {
		return nil, errors.Join(err, near.Close())
	}
	d := &delay{ends: [2]*os.File{near, far}}
	go d.carry(near, far)
	go d.carry(far, near)
	return d, nil
}

// openTUN makes a TUN device in the network namespace of the calling thread. It goes when the file is closed.
func openTUN(name string) (*os.File, error) {
	const path = "/dev/net/tun"
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	request, err := unix.NewIfreq(name)
	if err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return nil, errors.Join(fmt.Errorf("making TUN device %s: %w", name, err), unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), path), nil
}

func (d *delay) close() error { return errors.Join(d.ends[0].Close(), d.ends[1].Close()) }

type heldPacket struct {
	due  time.Time
	data []byte
}

// carry takes packets from one end to the other until an end is closed.
func (d *delay) carry(from io.Reader, to io.Writer) {
	// Room for a second of a fast transfer; a full queue loses packets, as a router's does.
	held := make(chan heldPacket, 1<<16)
	defer close(held)
	go func() {
		for p := range held {
			time.Sleep(time.Until(p.due))
			// A device that is down refuses packets: they are lost, as on a wire.
			_, _ = to.Write(p.data)
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if errors.Is(err, os.ErrClosed) {
			return
		}
		if err != nil {
			// EIO while the device is not yet up.
			time.Sleep(time.Millisecond)
			continue
		}
		if loss := d.loss.Load(); loss > 0 && rand.Int64N(1_000_000) < loss {
			continue
		}
		select {
		case held <- heldPacket{time.Now().Add(time.Duration(d.oneWay.Load())), append([]byte(nil), buffer[:n]...)}:
		default:
		}
	}
}
