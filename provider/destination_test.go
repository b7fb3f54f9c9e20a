package provider

import (
	"strings"
	"testing"
)

func TestParseDestination(t *testing.T) {
	for s, want := range map[string]destination{
		"web1":                       {address: "web1"},
		"web1.example.com:2222":      {address: "web1.example.com", port: "2222"},
		"root@203.0.113.7":           {user: "root", address: "203.0.113.7"},
		"root@203.0.113.7:22":        {user: "root", address: "203.0.113.7", port: "22"},
		"user@realm@web1":            {user: "user@realm", address: "web1"},
		"2001:db8::1":                {address: "2001:db8::1"},
		"root@2001:db8::1":           {user: "root", address: "2001:db8::1"},
		"[2001:db8::1]":              {address: "2001:db8::1"},
		"[2001:db8::1]:22":           {address: "2001:db8::1", port: "22"},
		"root@[fe80::1%eth0]:65535":  {user: "root", address: "fe80::1%eth0", port: "65535"},
		"alias-of_ssh.config":        {address: "alias-of_ssh.config"},
		"deploy@web1.example.com:22": {user: "deploy", address: "web1.example.com", port: "22"},
	} {
		got, err := parseDestination(s)
		if err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", s, got, err, want)
		}
	}
	for s, want := range map[string]string{
		"":                  "no address",
		"root@":             "no address",
		":22":               "no address",
		"@web1":             "nothing stands before the @",
		"web1:ssh":          `"ssh" is not a port`,
		"web1:":             `"" is not a port`,
		"web1:0":            "1 to 65535",
		"web1:65536":        "1 to 65535",
		"web1:22:22":        "neither an IPv6 address",
		"[web1]:22":         "brackets are for an IPv6 address",
		"[2001:db8::1":      "brackets are for an IPv6 address",
		"[2001:db8::1]22":   `"22" follows the address`,
		"[2001:db8::1]:22x": `is not a port`,
	} {
		if got, err := parseDestination(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, error %v; want %q", s, got, err, want)
		}
	}
}
