package iptables

import "testing"

func TestMarkExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m mark --mark 1/2", out: "-m mark --mark 0x1/0x2"},
		{in: `-m mark --mark " 1"`, out: "-m mark --mark 0x1"},
		{in: "-j MARK --set-mark 0", out: "-j MARK --set-xmark 0x0/0xffffffff"},
		{in: "-j MARK --set-xmark 3/1", out: "-j MARK --set-xmark 0x3/0x1"},
		{in: "-j MARK --and-mark 0xff", out: "-j MARK --set-xmark 0x0/0xffffff00"},
		{in: "-j MARK --xor-mark 0xff", out: "-j MARK --set-xmark 0xff/0x0"},
		{in: "-j MARK --set-mark 1", out: "-j MARK --set-xmark 0x1/0xffffffff"},
		{in: "-j CONNMARK --set-xmark 3/1", out: "-j CONNMARK --set-xmark 0x3/0x1"},
		{in: "-j CONNMARK --or-mark 0xff", out: "-j CONNMARK --set-xmark 0xff/0xff"},
		{in: "-j CONNMARK --save-mark", out: "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff"},
		{in: "-j CONNMARK --save-mark --ctmask 0xff", out: "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xff"},
		{in: "-j CONNMARK --mask 0xff --save-mark", out: "-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff"},
		{in: "-j CONNMARK --set-mark 1 --left-shift-mark 2", out: "-j CONNMARK --set-xmark 0x1/0xffffffff --left-shift-mark 2"},
		{in: "-j CONNMARK --set-xmark 1 --right-shift-mark 2", out: "-j CONNMARK --set-xmark 0x1/0xffffffff --right-shift-mark 2"},
		{in: "-j CONNMARK --or-mark 1 --right-shift-mark 31 --left-shift-mark 3", out: "-j CONNMARK --set-xmark 0x1/0x1 --left-shift-mark 3"},
		{in: "-j CONNMARK --restore-mark --left-shift-mark 0", out: "-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff"},
	})
	testRefusals(t, []refusal{
		{in: "-m mark --mark -1", message: "--mark: bad value, or out of range"},
		{in: "-m mark --mark 1/", message: "--mark: bad value, or out of range"},
		{in: `-m mark --mark ""`, message: "--mark: bad value, or out of range"},
		{in: "-m mark --mark 1 --mark 2", message: "mark: option --mark may be given only once"},
		{in: "-j MARK --and-mark 0xff/1", message: "--and-mark: bad value, or out of range"},
		{in: "-j MARK --set-mark 1 --or-mark 2", message: "MARK: option --or-mark cannot stand beside --set-mark"},
		{in: "-j MARK --set-mark 0x100000000", message: "--set-mark: bad value, or out of range"},
		{in: "-j MARK --set-mark -1", message: "--set-mark: bad value, or out of range"},
		{in: "-j MARK ! --set-mark 1", message: "MARK: option --set-mark cannot be negated"},
		{in: "-j CONNMARK --restore-mark --save-mark", message: "CONNMARK: option --save-mark cannot stand beside --restore-mark"},
		{in: "-j CONNMARK --left-shift-mark 2", message: "CONNMARK: an option is missing"},
		{in: "-j CONNMARK --save-mark --mask 1/2", message: "--mask: bad value, or out of range"},
	})
}
