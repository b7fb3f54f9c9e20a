package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// patience is how long a knock waits for an answer. The hosts are in this machine; what has not answered after that
// was dropped.
const patience = 2 * time.Second

// An answer is what becomes of a connection.
type answer string

const (
	opened answer = "opens"
	closed answer = "passes (nothing listens: connection refused)"
	silent answer = "no answer"
)

// A knock is a connection that is tried, and what must come of it.
type knock struct {
	who, from string // who in words, and the address
	host, to  string
	port      int
	want      answer
	got       answer
}

// knockAll tries all of them at once.
func knockAll(ctx context.Context, knocks []knock) error {
	var group errgroup.Group
	for i := range knocks {
		group.Go(func() (err error) {
			knocks[i].got, err = try(ctx, knocks[i].from, knocks[i].to, knocks[i].port)
			return err
		})
	}
	return group.Wait()
}

// try opens a TCP connection from one address to another and closes it.
func try(ctx context.Context, from, to string, port int) (answer, error) {
	dialer := net.Dialer{Timeout: patience, LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(to, strconv.Itoa(port)))
	var timeout net.Error
	switch {
	case err == nil:
		return opened, conn.Close()
	case errors.Is(err, syscall.ECONNREFUSED):
		return closed, nil
	case errors.As(err, &timeout) && timeout.Timeout() && ctx.Err() == nil:
		return silent, nil
	}
	return "", fmt.Errorf("knocking at %s port %d: %w", to, port, err)
}
