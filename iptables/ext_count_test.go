package iptables

import "testing"

func TestCountExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m connlimit ! --connlimit-upto 1", out: "-m connlimit --connlimit-above 1 --connlimit-mask 32 --connlimit-saddr"},
		{in: "-m connlimit --connlimit-upto 1 --connlimit-mask 33", out: "-m connlimit --connlimit-upto 1 --connlimit-mask 32 --connlimit-saddr"},
		{in: "-m connlimit --connlimit-upto 1 --connlimit-mask 255.255.0.0", out: "-m connlimit --connlimit-upto 1 --connlimit-mask 16 --connlimit-saddr"},
		{in: "-m connlimit --connlimit-upto 0", out: "-m connlimit --connlimit-upto 0 --connlimit-mask 32 --connlimit-saddr"},
		{in: "-m connbytes --connbytes 5 --connbytes-dir both --connbytes-mode packets", out: "-m connbytes --connbytes 5 --connbytes-mode packets --connbytes-dir both"},
		{in: "-m connbytes ! --connbytes 5:5 --connbytes-dir both --connbytes-mode bytes", out: "-m connbytes --connbytes 5:5 --connbytes-mode bytes --connbytes-dir both"},
		{in: "-m connbytes ! --connbytes 18446744073709551615 --connbytes-dir both --connbytes-mode bytes", out: "-m connbytes --connbytes 18446744073709551615 --connbytes-mode bytes --connbytes-dir both"},
		{in: "-m connbytes ! --connbytes 0: --connbytes-dir both --connbytes-mode bytes", out: "-m connbytes ! --connbytes 0 --connbytes-mode bytes --connbytes-dir both"},
		{in: "-m connbytes --connbytes 0:0 --connbytes-dir both --connbytes-mode bytes", out: "-m connbytes --connbytes 0 --connbytes-mode bytes --connbytes-dir both"},
		{in: "-m connbytes --connbytes 5:5 --connbytes-dir both --connbytes-mode packets", out: "-m connbytes --connbytes 5:5 --connbytes-mode packets --connbytes-dir both"},
		{in: "-m quota --quota 5"},
		{in: "-m quota --quota 0x10", out: "-m quota --quota 16"},
		{in: "-m statistic --mode random --probability 1", out: "-m statistic --mode random --probability 1.00000000000"},
		{in: "-m statistic --mode random --probability 0", out: "-m statistic --mode random --probability 0.00000000000"},
		{in: "-m statistic --mode random --probability 1e-3", out: "-m statistic --mode random --probability 0.00100000016"},
		{in: `-m statistic --mode random --probability " 0.5"`, out: "-m statistic --mode random --probability 0.50000000000"},
		{in: "-m statistic --mode random --probability nan", out: "-m statistic --mode random --probability 0.00000000000"},
		{in: "-m statistic --mode nth --every 5 --packet 4"},
		{in: "-m statistic --probability 0.3 --mode random", out: "-m statistic --mode random --probability 0.29999999981"},
		{in: "-m statistic --mode random --probability 0.123456789012", out: "-m statistic --mode random --probability 0.12345678918"},
	})
	testRefusals(t, []refusal{
		{in: "-m connlimit", message: "connlimit: an option is missing"},
		{in: "-m connlimit --connlimit-upto 1 --connlimit-saddr --connlimit-daddr", message: "connlimit: option --connlimit-daddr cannot stand beside --connlimit-sa"},
		{in: "-m connbytes --connbytes 5 --connbytes-dir BOTH --connbytes-mode bytes", message: "--connbytes-dir: unknown name"},
		{in: "-m quota --quota -1", message: "--quota: bad value, or out of range"},
		{in: "-m statistic --mode random --probability -0.1", message: "--probability: bad value, or out of range"},
		{in: "-m statistic --mode random --probability inf", message: "--probability: bad value, or out of range"},
		{in: "-m statistic --mode random", message: "statistic: --mode random needs --probability"},
		{in: "-m statistic --mode nth --every 0", message: "--every: bad value, or out of range"},
		{in: "-m statistic --mode nth --every 5", message: "statistic: option --every needs --packet"},
		{in: "-m statistic --mode random --every 5", message: "statistic: option --every needs --packet"},
		{in: "-m statistic --mode x", message: "--mode: unknown name"},
		{in: "-m statistic --mode nth ! --every 3 ! --packet 1", message: "statistic: option --packet cannot be negated"},
	})
}
