package iptables

import "testing"

// TestStrtoul holds strtoul against what glibc 2.36 makes of the same words.
func TestStrtoul(t *testing.T) {
	for _, c := range []struct {
		in   string
		base uint64
		n    uint64
		rest string
	}{
		{"", 10, 0, ""},
		{"x", 10, 0, "x"},
		{"  ", 10, 0, "  "},
		{"-", 10, 0, "-"},
		{" +5x", 10, 5, "x"},
		{"-1", 10, 1<<64 - 1, ""},
		{"-0", 0, 0, ""},
		{"18446744073709551615", 10, 1<<64 - 1, ""},
		{"18446744073709551616", 10, 1<<64 - 1, ""},
		{"-18446744073709551616", 10, 1<<64 - 1, ""},
		{"-18446744073709551615", 10, 1, ""},
		{"0x10", 0, 16, ""},
		{"0x10", 16, 16, ""},
		{"0x10", 10, 0, "x10"},
		{"0x", 0, 0, "x"},
		{"0xg", 16, 0, "xg"},
		{"010", 0, 8, ""},
		{"010", 10, 10, ""},
		{"08", 0, 0, "8"},
		{"ffffffffffffffff1", 16, 1<<64 - 1, ""},
	} {
		if n, rest := strtoul(c.in, c.base); n != c.n || rest != c.rest {
			t.Errorf("strtoul(%q, %d) = %d, %q; want %d, %q", c.in, c.base, n, rest, c.n, c.rest)
		}
	}
}
