package iptables

import (
	"strings"
	"testing"
)

func TestStringExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m string --algo bm --string " + strings.Repeat("\xc3\xa9", 64), out: `-m string --hex-string "|` + strings.Repeat("c3a9", 64) + `|" --algo bm`},
		{in: "-m string --algo bm --string é", out: `-m string --hex-string "|c3a9|" --algo bm`},
		{in: `-m string --algo bm --string "a\"b"`, out: `-m string --string "a\"b" --algo bm`},
		{in: "-m string --algo bm --string a'b", out: `-m string --string "a'b" --algo bm`},
		{in: "-m string --algo bm --string a|b|", out: `-m string --string "a|b|" --algo bm`},
		{in: "-m string --algo bm --string x --from 5", out: `-m string --string "x" --algo bm --from 5`},
		{in: "-m string --algo bm --string x --to 5", out: `-m string --string "x" --algo bm --to 5`},
		{in: "-m string --algo bm --string x --from 0 --to 0", out: `-m string --string "x" --algo bm --to 0`},
		{in: "-m string --algo bm ! --string x --icase", out: `-m string ! --string "x" --algo bm --icase`},
		{in: "-m string --algo kmp --string x --icase --to 10", out: `-m string --string "x" --algo kmp --to 10 --icase`},
		{in: `-m bpf --bytecode "1,6 0 0 0"`},
		{in: `-m bpf --bytecode "1,6 0 0 0,"`, out: `-m bpf --bytecode "1,6 0 0 0"`},
		{in: `-m bpf --bytecode "1,6 256 0 -1"`, out: `-m bpf --bytecode "1,6 0 0 4294967295"`},
		{in: `-m bpf --bytecode "1,6 0 0 0x10"`, out: `-m bpf --bytecode "1,6 0 0 0"`},
		{in: `-m bpf --bytecode "1, 6 0 0 0"`, out: `-m bpf --bytecode "1,6 0 0 0"`},
		{in: `-m string --string "a\\" --algo bm`, out: `-m string --hex-string "|615c|" --algo bm`},
		{in: `-m string --hex-string "|41| |  42|" --algo bm`, out: `-m string --string "A B" --algo bm`},
		{in: `-m string --hex-string "|41||42|" --algo bm`, out: `-m string --string "A|42" --algo bm`},
		{in: `-m string --hex-string "|41|\\a|" --algo bm`, out: `-m string --string "A\\a" --algo bm`},
	})
	testRefusals(t, []refusal{
		{in: `-m string --algo bm --string ""`, message: "--string: the text has 0 bytes"},
		{in: "-m string --algo bm --string x --from 5 --to 4", message: "string: --from lies behind --to"},
		{in: "-m string --algo bm --string x --to 65536", message: "--to: bad value, or out of range"},
		{in: "-m string --algo bm --string x --from 65536", message: "--from: bad value, or out of range"},
		{in: "-m string --algo bm --string x ! --icase", message: "string: option --icase cannot be negated"},
		{in: "-m string --string x", message: "string: option --algo is missing"},
		{in: "-m string --algo BM --string x", message: "--algo: unknown name"},
		{in: "-m string --algo fsm --string x", message: "--algo: unknown name"},
		{in: `-m bpf --bytecode "2,6 0 0 0"`, message: "--bytecode: the program has not as many instructions as it announces"},
		{in: "-m bpf --bytecode 0,", message: "--bytecode: the number of instructions is missing"},
		{in: "-m bpf --bytecode x", message: "--bytecode: the number of instructions is missing"},
		{in: "-m bpf", message: "bpf: an option is missing"},
		{in: `-m string --hex-string "|41  42|" --algo bm`, message: "bad hexadecimal block"},
		{in: `-m string --hex-string "a||" --algo bm`, message: "bad hexadecimal block"},
		{in: `-m string --hex-string "| " --algo bm`, message: "the text is empty"},
		{in: `-m string --hex-string "a\\\\\\" --algo bm`, message: "nothing follows the backslash"},
	})
}
