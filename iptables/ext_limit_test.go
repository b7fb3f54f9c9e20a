package iptables

import "testing"

func TestLimitExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m limit --limit 7", out: "-m limit --limit 7/sec"},
		{in: "-m limit --limit 7/s", out: "-m limit --limit 7/sec"},
		{in: "-m limit --limit 7/second", out: "-m limit --limit 7/sec"},
		{in: "-m limit --limit 7/mi", out: "-m limit --limit 7/min"},
		{in: "-m limit --limit 7/da", out: "-m limit --limit 7/day"},
		{in: "-m limit --limit 2/day"},
		{in: "-m limit --limit 1/hour"},
		{in: `-m limit --limit " 7/s"`, out: "-m limit --limit 7/sec"},
		{in: "-m limit --limit +7/s", out: "-m limit --limit 7/sec"},
		{in: "-m limit --limit 7x/s", out: "-m limit --limit 7/sec"},
		{in: "-m limit --limit 4294967297/s", out: "-m limit --limit 1/sec"},
		{in: "-m limit --limit 1/s --limit-burst 10000", out: "-m limit --limit 1/sec --limit-burst 10000"},
		{in: "-m limit --limit 1/s --limit-burst 0x10", out: "-m limit --limit 1/sec --limit-burst 16"},
		{in: "-m limit", out: "-m limit --limit 3/hour"},
		{in: "-m limit --limit-burst 5", out: "-m limit --limit 3/hour"},
		{in: "-m limit --limit 1/hour --limit-burst 500"},
	})
	testRefusals(t, []refusal{
		{in: "-m limit --limit 0/sec", message: "--limit: bad rate 0/sec"},
		{in: "-m limit --limit -1/sec", message: "--limit: the rate -1/sec is too fast; the most is 10000/sec"},
		{in: "-m limit --limit 10001/sec", message: "--limit: the rate 10001/sec is too fast; the most is 10000/sec"},
		{in: "-m limit --limit 20000/sec", message: "--limit: the rate 20000/sec is too fast; the most is 10000/sec"},
		{in: "-m limit --limit 7/", message: "--limit: bad rate 7/"},
		{in: "-m limit --limit 7/secs", message: "--limit: bad rate 7/secs"},
		{in: "-m limit --limit 7/seconds", message: "--limit: bad rate 7/seconds"},
		{in: "-m limit --limit 7/hours", message: "--limit: bad rate 7/hours"},
		{in: "-m limit --limit 1/week", message: "--limit: bad rate 1/week"},
		{in: "-m limit --limit 0x7/s", message: "--limit: bad rate 0x7/s"},
		{in: "-m limit --limit 1/s --limit-burst 10001", message: "--limit-burst: bad value, or out of range"},
		{in: "-m limit --limit 1/s --limit-burst 4294967295", message: "--limit-burst: bad value, or out of range"},
	})
}
