package fleet

import (
	"os"
	"strings"
	"testing"
)

// Programs of one fleet look up names while others start and end.
func TestNamesStayWhileOtherFleetsComeAndGo(t *testing.T) {
	stays := &Fleet{hosts: []*Host{{Name: "stays", Address: "192.0.2.1", SlowAddress: "192.0.2.2"}}}
	if err := stays.publish(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 300 {
			goes := &Fleet{hosts: []*Host{{Name: "goes", Address: "192.0.2.3", SlowAddress: "192.0.2.4"}}}
			for range 2 {
				if err := goes.publish(); err != nil {
					t.Error(err)
				}
				goes.hosts = nil
			}
		}
	}()
	read := func() string {
		text, err := os.ReadFile("/etc/hosts")
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for going := true; going; {
		select {
		case <-done:
			going = false
		default:
		}
		if text := read(); !strings.Contains(text, "\n192.0.2.1 stays\n192.0.2.2 stays-slow\n") {
			t.Fatalf("/etc/hosts, read while other fleets started and ended, lacks a host:\n%s", text)
		}
	}
	if text := read(); strings.Contains(text, "\n192.0.2.3 goes") {
		t.Errorf("a fleet has ended, and its host's name stays:\n%s", text)
	}
}
