// Package services knows the ports of services by their names, as getservbyname(3) does on
// Debian. It looks at no file of the machine, so that a name means the same everywhere.
package services

import (
	_ "embed" // services.txt
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Debian's /etc/services (netbase 6.4), one port a line: number/protocol and its names.
//
//go:embed services.txt
var text string

type service struct{ name, protocol string }

// services maps a name and protocol to the port; under the empty protocol stands the first
// line of the file that has the name, which is what getservbyname(3) finds without one.
var services = sync.OnceValue(func() map[service]uint16 {
	ports := make(map[service]uint16, 1024)
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		number, protocol, _ := strings.Cut(fields[0], "/")
		port, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			panic(err) // the embedded text is ours
		}
		for _, name := range fields[1:] {
			for _, key := range []service{{name, protocol}, {name, ""}} {
				if _, known := ports[key]; !known {
					ports[key] = uint16(port)
				}
			}
		}
	}
	return ports
})

// Port looks up a service's port; the protocol "" means any.
func Port(name, protocol string) (uint16, bool) {
	port, ok := services()[service{name, protocol}]
	return port, ok
}

// Names lists the names of all services.
func Names() []string {
	names := make([]string, 0, 512)
	for s := range services() {
		if s.protocol == "" {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return names
}
