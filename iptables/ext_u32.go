package iptables

import "strings"

// u32 compares words of the packet.
var u32Extensions = []extension{{
	name:    "u32",
	options: []option{{name: "--u32", value: u32Tests, flags: negatable | required, quoting: quoted}},
}}

// u32Tests describes `location=ranges&&location=ranges...`, which is printed in hexadecimal
// and without blanks. The kernel takes ten tests, each with ten steps and ten ranges.
var u32Tests = word(`tests such as "0>>22&0x3C@0>>24=0:5"`, func(_ *parser, s string) (string, error) {
	text := make([]byte, 0, len(s)+16)
	rest := s
	for tests := 1; ; tests++ {
		var err error
		if text, rest, err = u32Location(text, rest); err != nil {
			return "", err
		}
		if text, rest, err = u32Ranges(text, rest); err != nil {
			return "", err
		}
		if rest == "" {
			break
		}
		if tests == 10 {
			return "", refused("more than ten tests")
		}
		text, rest = append(text, "&&"...), rest[2:]
	}
	if string(text) == s {
		return s, nil
	}
	return string(text), nil
})

// u32Location reads number, operator, number ... up to the equals sign.
func u32Location(text []byte, s string) (out []byte, rest string, err error) {
	operator := ""
	for steps := 1; ; steps++ {
		start := len(text)
		if text, s, err = u32Number(text, s); err != nil {
			return nil, "", err
		}
		if n, _ := parseNumber(string(text[start:]), 0, 1<<32); n > 31 && (operator == "<<" || operator == ">>") {
			return nil, "", refused("the kernel shifts by 31 bits at most, not by " + decimal(n))
		}
		operator = ""
		for _, o := range []string{"=", "&", "<<", ">>", "@"} {
			if strings.HasPrefix(s, o) && !strings.HasPrefix(s, "&&") {
				operator = o
			}
		}
		if operator == "" {
			return nil, "", expected("one of = & << >> @ before " + s)
		}
		text, s = append(text, operator...), s[len(operator):]
		if operator == "=" {
			return text, s, nil
		}
		if steps == 10 {
			return nil, "", refused("more than ten steps in a location")
		}
	}
}

// u32Ranges reads number, number:number ... up to && or the end.
func u32Ranges(text []byte, s string) (out []byte, rest string, err error) {
	for ranges := 1; ; ranges++ {
		start := len(text)
		if text, s, err = u32Number(text, s); err != nil {
			return nil, "", err
		}
		if strings.HasPrefix(s, ":") {
			end := len(text)
			if text, s, err = u32Number(append(text, ':'), s[1:]); err != nil {
				return nil, "", err
			}
			if string(text[start:end]) == string(text[end+1:]) {
				text = text[:end]
			}
		}
		if s == "" || strings.HasPrefix(s, "&&") {
			return text, s, nil
		}
		if s[0] != ',' {
			return nil, "", expected("a comma or && before " + s)
		}
		if ranges == 10 {
			return nil, "", refused("more than ten ranges")
		}
		text, s = append(text, ','), s[1:]
	}
}

// u32Number reads a number and the blanks around it.
func u32Number(text []byte, s string) (out []byte, rest string, err error) {
	n, rest, ok := scanNumber(s)
	if !ok || n >= 1<<32 {
		return nil, "", expected("a 32-bit number before " + s)
	}
	return append(text, hexadecimal(n)...), strings.TrimLeft(rest, " \t\n\v\f\r"), nil
}
