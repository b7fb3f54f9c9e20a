package iptables

import (
	"encoding/hex"
	"strings"
)

// Matches that look into the packet.
var stringExtensions = []extension{
	{
		name: "string",
		options: []option{
			{name: "--string", value: needle, flags: negatable | either, quoting: quoted, excludes: []string{"--hex-string"}},
			{name: "--hex-string", value: hexNeedle, flags: negatable | either, quoting: quoted, excludes: []string{"--string"}},
			{name: "--algo", value: exactly("bm", "kmp"), flags: required},
			{name: "--from", value: number(0, 65535), hidden: "0"},
			{name: "--to", value: number(0, 65535), hidden: "65535"},
			{name: "--icase"},
		},
		finish: finishString,
		show:   showString,
	},
	{
		name: "bpf",
		options: []option{
			{name: "--bytecode", value: bytecode, flags: either, quoting: quoted, excludes: []string{"--object-pinned"}},
			{name: "--object-pinned", value: nameUpTo(511), flags: either, excludes: []string{"--bytecode"}},
		},
	},
}

const longestNeedle = 128

// needle describes the text to look for. Whether it is printed as text or in hexadecimal is
// decided at the end.
var needle = word("a text of 1 to 128 bytes", func(_ *parser, s string) (string, error) {
	if s == "" || len(s) > longestNeedle {
		return "", refused("the text has " + decimal(uint64(len(s))) + " bytes")
	}
	return s, nil
})

// hexNeedle describes a text in which bytes stand between bars in hexadecimal, and a
// backslash takes the next byte as it is. What follows a closing bar is always taken as it is,
// and a bar at the end opens nothing.
var hexNeedle = word("a text of up to 128 bytes with bytes in hexadecimal between bars, such as |0d0a|", func(_ *parser, s string) (string, error) {
	var text []byte
	inBlock := false
	for i := 0; i < len(s); {
		if len(text) == longestNeedle {
			return "", refused("the text has more than 128 bytes")
		}
		literal := s[i] == '\\' && !inBlock
		if s[i] == '|' {
			inBlock = !inBlock
			for inBlock && strings.HasPrefix(s[i+1:], " ") {
				i++
			}
			if i++; i == len(s) {
				break
			}
		}
		switch {
		case literal && i+1 == len(s):
			return "", refused("nothing follows the backslash")
		case literal:
			text = append(text, s[i+1])
			i += 2
		case !inBlock:
			text = append(text, s[i])
			i++
		default:
			b, err := hex.DecodeString(s[i:min(i+2, len(s))])
			if err != nil || i+2 >= len(s) {
				return "", refused("bad hexadecimal block, from " + s[i:])
			}
			text = append(text, b...)
			if i += 2; s[i] == ' ' {
				i++
			}
		}
	}
	if len(text) == 0 {
		return "", refused("the text is empty")
	}
	return string(text), nil
})

// finishString puts the text where it is printed: as text if every byte can be printed and the
// last is no backslash, else as one block of hexadecimal.
func finishString(l *loaded, _ *parser) error {
	text, hexText := l.option("--string"), l.option("--hex-string")
	s := *text
	if hexText.set {
		s = *hexText
	}
	raw := s.value()
	text.drop()
	hexText.drop()
	if printable(raw) && !strings.HasSuffix(raw, `\`) {
		*text = s
	} else {
		*hexText = s
		// A block of all 128 bytes is printed, but not read (1.8.9): one stays behind the block.
		block := cut(raw, longestNeedle-1)
		hexText.values = []string{"|" + hex.EncodeToString([]byte(block)) + "|" + raw[len(block):]}
	}
	from, to := l.option("--from"), l.option("--to")
	low, _ := parseNumber(from.value(), 0, 65535)
	if high, given := parseNumber(to.value(), 0, 65535); given && low > high {
		return refused("--from lies behind --to")
	}
	return nil
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// showString prints unprintable text as one block. Up to 1.8.7 the end of the search is printed
// even where it is the packet's.
func showString(d Dialect, _ Family, options []Option) []Option {
	_, given := findOption(options, "--to")
	ends := !given && d.Version.before(8, 8)
	shown := make([]Option, 0, len(options)+1)
	for _, o := range options {
		switch {
		case o.Name == "--hex-string":
			block, last, _ := strings.Cut(o.Value()[1:], "|")
			o.Values = []string{"|" + block + hex.EncodeToString([]byte(last)) + "|"}
		case o.Name == "--icase" && ends:
			shown, ends = append(shown, Option{Name: "--to", Values: []string{"65535"}}), false
		}
		shown = append(shown, o)
	}
	if ends {
		shown = append(shown, Option{Name: "--to", Values: []string{"65535"}})
	}
	return shown
}

// bytecode describes a BPF program: the number of instructions and then each of them as four
// numbers, with commas between. The numbers are read by sscanf(3), which keeps their low bits and
// does not look at what stands behind the fourth.
var bytecode = word(`a program such as "1,6 0 0 65535"`, func(p *parser, s string) (string, error) {
	count, rest := strtoul(s, 10)
	n := uint64(uint16(count))
	if rest == s || !strings.HasPrefix(rest, ",") || n == 0 || n > 64 || p.strict && n != count {
		return "", refused("the number of instructions is missing, or not from 1 to 64")
	}
	instructions := strings.Split(strings.TrimSuffix(rest[1:], ","), ",")
	if uint64(len(instructions)) != n {
		return "", refused("the program has not as many instructions as it announces")
	}
	text := []byte(decimal(n))
	limits := [4]uint64{1<<16 - 1, 255, 255, 1<<32 - 1}
	for _, instruction := range instructions {
		separator, left := byte(','), instruction
		for _, limit := range limits {
			v, rest := strtoul(left, 10)
			if rest == left || p.strict && v > limit {
				return "", refused("bad instruction " + instruction)
			}
			text = append(text, separator)
			text = appendSmall(text, v&limit)
			separator, left = ' ', rest
		}
		if p.strict && strings.TrimSpace(left) != "" {
			return "", refused("bad instruction " + instruction)
		}
	}
	return string(text), nil
})
