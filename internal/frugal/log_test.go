package frugal

import (
	"os"
	"testing"
)

func TestQuiet(t *testing.T) {
	for name, wanted := range map[string]string{"": "off", "TF_LOG_PATH": "off", "TF_LOG": "", "TF_LOG_PROVIDER": "", "TF_LOG_SDK_FRAMEWORK": "debug"} {
		for _, known := range []string{"TF_LOG", "TF_LOG_PATH", "TF_LOG_PROVIDER", "TF_LOG_CORE", "TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"} {
			t.Setenv(known, "")
		}
		if name != "" {
			t.Setenv(name, "debug")
		}
		quiet()
		if got := os.Getenv("TF_LOG_SDK_FRAMEWORK"); got != wanted {
			t.Errorf("with %q set, the framework's log is %q, want %q", name, got, wanted)
		}
	}
}
