// Package profile writes where a run of this program spent its time and memory, for `go tool pprof`.
package profile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
)

// Variable is the environment variable that names the folder for profiles; it need not exist.
const Variable = "IPTABLES_PPROF"

// Start begins a profile of the processor's time in the folder that the environment names, if it names one. The
// function that it returns ends it and adds one of the memory that is in use. Terraform starts several providers for
// each command, so the files carry the number of the process: cpu-123.pprof, heap-123.pprof.
func Start() (stop func() error, err error) {
	folder := os.Getenv(Variable)
	if folder == "" {
		return func() error { return nil }, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("%s: %w", Variable, err)
	}
	open := func(kind string) (*os.File, error) {
		return os.OpenFile(filepath.Join(folder, fmt.Sprintf("%s-%d.pprof", kind, os.Getpid())), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	}
	cpu, err := open("cpu")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Variable, err)
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, errors.Join(err, cpu.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		heap, err := open("heap")
		if err != nil {
			return errors.Join(err, cpu.Close())
		}
		runtime.GC() // the profile is as of the last one
		return errors.Join(pprof.WriteHeapProfile(heap), heap.Close(), cpu.Close())
	}, nil
}
