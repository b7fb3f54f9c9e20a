package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// A proxy stands between a driver and its host, so that the wire can be stopped at a given byte and cut with a reset.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	conns map[*net.TCPConn]struct{}

	half  atomic.Int64 // bytes to let through before the wire stops; negative: no stop
	login atomic.Bool  // stop the next connection
	at    chan string  // a step that was reached; who stopped waits for a word on gone
	gone  chan struct{}
}

func newProxy(target string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: l, target: target, conns: map[*net.TCPConn]struct{}{}, at: make(chan string, 1), gone: make(chan struct{})}
	p.half.Store(-1)
	go p.serve()
	return p, nil
}

func (p *proxy) port() int { return p.listener.Addr().(*net.TCPAddr).Port }

func (p *proxy) serve() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.carry(near.(*net.TCPConn))
	}
}

func (p *proxy) carry(near *net.TCPConn) {
	p.hold(near)
	defer p.release(near)
	if p.login.CompareAndSwap(true, false) {
		p.stop("login")
	}
	dialled, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	far := dialled.(*net.TCPConn)
	p.hold(far)
	defer p.release(far)
	var both sync.WaitGroup
	both.Go(func() { p.copy(far, near) })
	both.Go(func() { _, _ = io.Copy(near, far); _ = near.CloseWrite() })
	both.Wait()
}

// copy carries what the client sends, and stops where it was asked to.
func (p *proxy) copy(far, near *net.TCPConn) {
	defer func() { _ = far.CloseWrite() }()
	buffer := make([]byte, 4096)
	for {
		n, err := near.Read(buffer)
		rest := buffer[:n]
		if left := p.half.Load(); left >= 0 && n > 0 {
			if int64(n) <= left {
				p.half.Store(left - int64(n))
			} else if p.half.CompareAndSwap(left, -1) {
				if _, err := far.Write(rest[:left]); err != nil {
					return
				}
				rest = rest[left:]
				p.stop("sending")
			}
		}
		if _, werr := far.Write(rest); werr != nil || err != nil {
			return
		}
	}
}

func (p *proxy) stop(step string) {
	p.at <- step
	<-p.gone
}

func (p *proxy) hold(c *net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = struct{}{}
}

func (p *proxy) release(c *net.TCPConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = c.Close() // it may be closed already
	delete(p.conns, c)
}

// reset ends all connections, on both sides, with RST.
func (p *proxy) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.SetLinger(0)
		_ = c.Close()
	}
}

// close ends everything; what stops somewhere goes on.
func (p *proxy) close() {
	_ = p.listener.Close()
	p.reset()
}
