// Package frugal keeps a provider's process from spending what nobody needs.
package frugal

import (
	"os"
	"strings"
)

// Start makes the process frugal: no log that is thrown away, and no collection of garbage in a heap that is small.
func Start() {
	quiet()
	pace()
}

// quiet switches the framework's own log off unless somebody asks for a log. It is written line by line, for each
// element of each list, and Terraform throws it away: for 10,000 elements this was half of what the provider
// computed (framework 1.19).
func quiet() {
	for _, variable := range os.Environ() {
		if name, level, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_LOG") && level != "" && name != "TF_LOG_PATH" {
			return
		}
	}
	for _, part := range []string{"TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"} {
		_ = os.Setenv(part, "off") // it fails for names that are none
	}
}
