package iptables

import "testing"

func TestLogExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-j NFLOG --nflog-size 0"},
		{in: "-j NFLOG --nflog-threshold 0", out: "-j NFLOG"},
		{in: "-j NFLOG --nflog-threshold 1"},
		{in: `-j NFLOG --nflog-group 5 --nflog-prefix "a b" --nflog-size 3`, out: `-j NFLOG --nflog-prefix "a b" --nflog-group 5 --nflog-size 3`},
		{in: "-j NFQUEUE --queue-balance 0:1"},
		{in: "-j NFQUEUE --queue-num 0"},
		{in: "-j NFQUEUE --queue-num 0x10 --queue-bypass", out: "-j NFQUEUE --queue-num 16 --queue-bypass"},
		{in: "-j AUDIT --type ACCEPT", out: "-j AUDIT --type accept"},
		{in: "-j AUDIT --type drop"},
		{in: "-j AUDIT --type reject"},
		{in: "-j TRACE"},
		{in: "-j NFLOG --nflog-prefix xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
		{in: "-j NFLOG --nflog-range 0", out: "-j NFLOG"},
	})
	testRefusals(t, []refusal{
		{in: "-j NFLOG --nflog-group 65536", message: "--nflog-group: bad value, or out of range"},
		{in: "-j NFLOG --nflog-range 5 --nflog-size 6", message: "NFLOG: option --nflog-size cannot stand beside --nflog-range"},
		{in: "-j NFLOG ! --nflog-group 5", message: "NFLOG: option --nflog-group cannot be negated"},
		{in: "-j NFQUEUE --queue-num 5 --queue-balance 1:2", message: "NFQUEUE: option --queue-balance cannot stand beside --queue-num"},
		{in: "-j NFQUEUE --queue-num 65536", message: "--queue-num: bad value, or out of range"},
		{in: "-j NFQUEUE --queue-balance 5", message: "--queue-balance: bad range, or out of range"},
		{in: "-j NFQUEUE --queue-balance 5:4", message: "--queue-balance: the range is the wrong way round"},
		{in: "-j NFQUEUE --queue-cpu-fanout", message: "NFQUEUE: option --queue-cpu-fanout needs --queue-balance"},
		{in: "-j NFQUEUE --queue-balance 1:2:3", message: "--queue-balance: bad range, or out of range"},
		{in: "-j AUDIT --type acc", message: "--type: unknown name"},
		{in: "-j AUDIT", message: "AUDIT: option --type is missing"},
		{in: "-j ULOG --ulog-nlgroup 0", message: "--ulog-nlgroup: bad value, or out of range"},
	})
}
