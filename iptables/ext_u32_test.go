package iptables

import "testing"

func TestU32Extensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m u32 --u32 5=5", out: `-m u32 --u32 "0x5=0x5"`},
		{in: "-m u32 --u32 5=5,6:7,8", out: `-m u32 --u32 "0x5=0x5,0x6:0x7,0x8"`},
		{in: "-m u32 --u32 5&0xff=5", out: `-m u32 --u32 "0x5&0xff=0x5"`},
		{in: "-m u32 --u32 5<<2=5", out: `-m u32 --u32 "0x5<<0x2=0x5"`},
		{in: `-m u32 --u32 "5 >> 2 & 3 @ 4 = 5 : 6 , 7"`, out: `-m u32 --u32 "0x5>>0x2&0x3@0x4=0x5:0x6,0x7"`},
		{in: "-m u32 --u32 5=7:6", out: `-m u32 --u32 "0x5=0x7:0x6"`},
		{in: "-m u32 --u32 5=6&&7=8&&9=10", out: `-m u32 --u32 "0x5=0x6&&0x7=0x8&&0x9=0xa"`},
		{in: "-m u32 --u32 5@6@7=1", out: `-m u32 --u32 "0x5@0x6@0x7=0x1"`},
		{in: "-m u32 ! --u32 1=2", out: `-m u32 ! --u32 "0x1=0x2"`},
		{in: "-m u32 --u32 0<<31>>0x1f=1", out: `-m u32 --u32 "0x0<<0x1f>>0x1f=0x1"`},
	})
	testRefusals(t, []refusal{
		{in: "-m u32 --u32 5", message: "--u32: bad value"},
		{in: "-m u32 --u32 5=:6", message: "--u32: bad value"},
		{in: "-m u32 --u32 5=6:", message: "--u32: bad value"},
		{in: "-m u32 --u32 5=6&&", message: "--u32: bad value"},
		{in: "-m u32 --u32 =5", message: "--u32: bad value"},
		{in: "-m u32 --u32 0x=5", message: "--u32: bad value"},
		{in: "-m u32 --u32 4294967296=5", message: "--u32: bad value"},
		{in: `-m u32 --u32 ""`, message: "--u32: bad value"},
		{in: "-m u32 --u32 1=2 x", message: "this word belongs to no option"},
		{in: "-m u32 --u32 0>>32=1", message: "--u32: the kernel shifts by 31 bits at most, not by 32"},
	})
}
