package iptables

import "testing"

func TestRateestExtensions(t *testing.T) {
	testSpecs(t, []specCase{
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
		{in: "-m rateest --rateest RE1 --rateest-bps 8bit", message: "rateest: an option is missing"},
		{in: "-j RATEEST --rateest-name RE3 --rateest-interval 250ms", message: "RATEEST: option --rateest-ewmalog is missing"},
		{in: "-j RATEEST --rateest-interval 250ms --rateest-ewmalog 500ms", message: "RATEEST: option --rateest-name is missing"},
		{in: "-j RATEEST --rateest-name RE8 --rateest-interval 1sec --rateest-ewmalog 0.5sec", message: "RATEEST: --rateest-ewmalog is out of range"},
		{in: "-j RATEEST --rateest-name RE9 --rateest-interval 16s --rateest-ewmalog 32s", message: "RATEEST: --rateest-interval is too large"},
	})
}
