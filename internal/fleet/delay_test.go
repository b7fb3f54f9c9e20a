package fleet

import (
	"net"
	"testing"
	"time"
)

// connect measures how long a TCP connection takes to open: one round trip and what the machine adds.
func connect(t *testing.T, address string) time.Duration {
	t.Helper()
	began := time.Now()
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(address, "22"), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	return time.Since(began)
}

func TestRTT(t *testing.T) {
	f := ForTest(t, Options{RTT: 50 * time.Millisecond, Hosts: N(1, HostOptions{})})
	h := f.Hosts()[0]
	// Only that it takes so long at least: how much longer depends on what else the machine does.
	for _, rtt := range []time.Duration{50 * time.Millisecond, 200 * time.Millisecond} {
		f.SetRTT(rtt)
		for _, address := range []string{h.SlowAddress, h.SlowAddress6} {
			if took := connect(t, address); took < rtt {
				t.Errorf("%s: a connection took %s, less than a round trip of %s", address, took, rtt)
			}
		}
	}
	f.SetRTT(time.Hour)
	connect(t, h.Address)
	expectSilence(t, h, h.SlowAddress)
}

func TestLoss(t *testing.T) {
	f := ForTest(t, Options{Loss: 1, Hosts: N(1, HostOptions{})})
	h := f.Hosts()[0]
	expectSilence(t, h, h.SlowAddress, h.SlowAddress6)
	connect(t, h.Address)
	f.SetLoss(0.3)
	connect(t, h.SlowAddress) // TCP sends again what was lost
	f.SetLoss(0)
	connect(t, h.SlowAddress6)
}
