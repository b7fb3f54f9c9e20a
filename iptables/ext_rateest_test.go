package iptables

import "testing"

func TestRateestExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m rateest --rateest re1 ! --rateest-lt --rateest-gt --rateest-bps 8bit", out: "-m rateest --rateest re1 ! --rateest-gt --rateest-bps 8bit"},
		{in: "-m rateest --rateest re1 --rateest-lt --rateest-bps1 8bit --rateest-bps 16bit", out: "-m rateest --rateest re1 --rateest-lt --rateest-bps 16bit"},
		{in: "-m rateest --rateest re1 --rateest-lt --rateest-bps", out: "-m rateest --rateest re1 --rateest-lt --rateest-bps 0bit"},
		{in: "-m rateest --rateest re1 --rateest-lt --rateest-pps --rateest-bps 8bit", out: "-m rateest --rateest re1 --rateest-lt --rateest-bps 8bit --rateest-lt --rateest-pps 0"},
		{in: "-m rateest --rateest-delta --rateest re1 --rateest-lt --rateest-bps1 8bit", out: "-m rateest --rateest-delta --rateest re1 --rateest-bps1 8bit --rateest-lt --rateest-bps2 0bit"},
		{in: "-m rateest --rateest-delta --rateest re1 ! --rateest-lt --rateest-bps1 16bit --rateest-pps1 5 --rateest-bps2 8bit --rateest-pps2 7", out: "-m rateest --rateest-delta --rateest re1 --rateest-bps1 16bit ! --rateest-lt --rateest-bps2 8bit --rateest-pps1 5 ! --rateest-lt --rateest-pps2 7"},
		{in: "-m rateest --rateest re1 --rateest-lt --rateest2 re2 --rateest-bps1 8bit --rateest-pps 3", out: "-m rateest --rateest1 re1 --rateest-lt --rateest-bps --rateest-lt --rateest-pps --rateest2 re2"},
		{in: "-m rateest --rateest-delta --rateest re1 --rateest-lt --rateest2 re2 --rateest-pps1 8 --rateest-bps2 16bit", out: "-m rateest --rateest-delta --rateest1 re1 --rateest-bps1 0bit --rateest-lt --rateest-bps2 16bit --rateest-pps1 8 --rateest-lt --rateest-pps2 0 --rateest2 re2"},
		{in: "-j RATEEST --rateest-name RE1 --rateest-interval 250ms --rateest-ewmalog 500ms", out: "-j RATEEST --rateest-name RE1 --rateest-interval 250.0ms --rateest-ewmalog 500.0ms"},
		{in: "-j RATEEST --rateest-name RE1 --rateest-interval 1s --rateest-ewmalog 2s", out: "-j RATEEST --rateest-name RE1 --rateest-interval 1.0s --rateest-ewmalog 2.0s"},
		{in: "-j RATEEST --rateest-name RE2 --rateest-interval 0.5s --rateest-ewmalog 2s", out: "-j RATEEST --rateest-name RE2 --rateest-interval 500.0ms --rateest-ewmalog 2.0s"},
		{in: "-j RATEEST --rateest-name RE3 --rateest-interval 8s --rateest-ewmalog 16s", out: "-j RATEEST --rateest-name RE3 --rateest-interval 8.0s --rateest-ewmalog 16.0s"},
		{in: "-j RATEEST --rateest-name RE4 --rateest-interval 300ms --rateest-ewmalog 500ms", out: "-j RATEEST --rateest-name RE4 --rateest-interval 500.0ms --rateest-ewmalog 1.0s"},
		{in: "-j RATEEST --rateest-name RE5 --rateest-interval 250000us --rateest-ewmalog 1.5s", out: "-j RATEEST --rateest-name RE5 --rateest-interval 250.0ms --rateest-ewmalog 1.0s"},
		{in: "-j RATEEST --rateest-name RE6 --rateest-interval 250 --rateest-ewmalog 1.5s", out: "-j RATEEST --rateest-name RE6 --rateest-interval 250.0ms --rateest-ewmalog 1024.0s"},
		{in: "-j RATEEST --rateest-name RE7 --rateest-interval 1sec --rateest-ewmalog 3sec", out: "-j RATEEST --rateest-name RE7 --rateest-interval 1.0s --rateest-ewmalog 2.0s"},
		{in: "-j RATEEST --rateest-name REA --rateest-interval 0.1s --rateest-ewmalog 32s", out: "-j RATEEST --rateest-name REA --rateest-interval 250.0ms --rateest-ewmalog 64.0s"},
	})
	testRefusals(t, []refusal{
		{in: "-m rateest --rateest RE1 --rateest-lt --rateest-bps=8bit", message: "a blank stands between --rateest-bps and its value"},
		{in: "-m rateest --rateest RE1 --rateest-lt", message: "rateest: a rate is missing"},
		{in: "-m rateest --rateest RE1 --rateest-lt --rateest-bps 8bit --rateest-bps2 16bit", message: "--rateest-bps2 cannot stand beside --rateest-bps"},
		{in: "-m rateest --rateest RE1 --rateest-bps 8bit", message: "rateest: an option is missing"},
		{in: "-j RATEEST --rateest-name RE3 --rateest-interval 250ms", message: "RATEEST: option --rateest-ewmalog is missing"},
		{in: "-j RATEEST --rateest-interval 250ms --rateest-ewmalog 500ms", message: "RATEEST: option --rateest-name is missing"},
		{in: "-j RATEEST --rateest-name RE8 --rateest-interval 1sec --rateest-ewmalog 0.5sec", message: "RATEEST: --rateest-ewmalog is out of range"},
		{in: "-j RATEEST --rateest-name RE9 --rateest-interval 16s --rateest-ewmalog 32s", message: "RATEEST: --rateest-interval is too large"},
	})
}
