package iptables

import "testing"

func TestTimeExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m time --timestart 8:0", out: "-m time --timestart 08:00:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07"},
		{in: "-m time --timestart 0:0:0 --timestop 23:59:59", out: "-m time --datestop 2038-01-19T03:14:07"},
		{in: "-m time --timestart 00:00", out: "-m time --datestop 2038-01-19T03:14:07"},
		{in: "-m time --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun", out: "-m time --datestop 2038-01-19T03:14:07"},
		{in: "-m time --weekdays Sun,Mon,Mon", out: "-m time --weekdays Mon,Sun --datestop 2038-01-19T03:14:07"},
		{in: "-m time --weekdays Monday", out: "-m time --weekdays Mon --datestop 2038-01-19T03:14:07"},
		{in: "-m time ! --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun", out: "-m time --weekdays  --datestop 2038-01-19T03:14:07"},
		{in: "-m time --monthdays 0", out: "-m time --monthdays  --datestop 2038-01-19T03:14:07"},
		{in: "-m time ! --monthdays 1,2", out: "-m time --monthdays 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 --datestop 2038-01-19T03:14:07"},
		{in: "-m time --datestart 1970", out: "-m time --datestop 2038-01-19T03:14:07"},
		{in: "-m time --datestart 2038-01-19T03:14:07", out: "-m time --datestart 2038-01-19T03:14:07 --datestop 2038-01-19T03:14:07"},
		{in: "-m time --datestop 2038-01-19T03:14:08"},
		{in: "-m time --datestart 2024-02-31T05", out: "-m time --datestart 2024-03-02T05:00:00 --datestop 2038-01-19T03:14:07"},
		{in: "-m time --datestart 2024-2-1", out: "-m time --datestart 2024-02-01T00:00:00 --datestop 2038-01-19T03:14:07"},
		{in: "-m time --utc", out: "-m time --datestop 2038-01-19T03:14:07"},
		{in: "-m time --kerneltz", out: "-m time --datestop 2038-01-19T03:14:07 --kerneltz"},
		{in: `-m time --timestart " +12:" --timestop :8:`, out: "-m time --timestart 12:00:00 --timestop 00:08:00 --datestop 2038-01-19T03:14:07"},
		{in: "-m time --timestart 23:59:59 --contiguous", out: "-m time --timestart 23:59:59 --timestop 23:59:59 --datestop 2038-01-19T03:14:07 --contiguous"},
		{in: "-m time --monthdays 0,010,11th", out: "-m time --monthdays 1,11 --datestop 2038-01-19T03:14:07"},
		{in: "-m time ! --monthdays 0,31", out: "-m time --monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30 --datestop 2038-01-19T03:14:07"},
		{in: "-m time ! --monthdays 0", out: "-m time --monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 --datestop 2038-01-19T03:14:07"},
		{in: "-m time --weekdays 33,9", out: "-m time --weekdays Mon --datestop 2038-01-19T03:14:07"},
		{in: "-m time --datestart 2020-00-00 --datestop 2021-02-29T:5:", out: "-m time --datestart 2019-11-30T00:00:00 --datestop 2021-03-01T00:05:00"},
		{in: "-m time --datestart 2021-03-00 --datestop 1970", out: "-m time --datestart 2021-02-28T00:00:00"},
		{in: "-m time --datestart 2021-01-00 --datestop 2021-00-31", out: "-m time --datestart 2020-12-31T00:00:00 --datestop 2020-12-31T00:00:00"},
	})
	testRefusals(t, []refusal{
		{in: "-m time --timestart 24:00", message: "--timestart: bad time"},
		{in: "-m time --timestart 23:59:60", message: "--timestart: bad time"},
		{in: "-m time --timestart 8:00x", message: "--timestart: bad time"},
		{in: "-m time --weekdays MON", message: "--weekdays: unknown day MON"},
		{in: "-m time --monthdays 32", message: "--monthdays: not a day of the month: 32"},
		{in: "-m time --datestart 1969", message: "--datestart: bad date"},
		{in: "-m time --datestart 2024-13", message: "--datestart: bad date"},
		{in: "-m time --datestart 2024-02-01T25", message: "--datestart: bad date"},
		{in: `-m time --datestart "2024-02-01 05:06"`, message: "--datestart: bad date"},
		{in: "-m time --contiguous", message: "time: --contiguous needs a --timestop that is not after --timestart"},
		{in: "-m time --contiguous --timestart 10:00", message: "time: --contiguous needs a --timestop that is not after --timestart"},
		{in: "-m time ! --timestart 10:00", message: "time: option --timestart cannot be negated"},
		{in: "-m time --timestart 12", message: "--timestart: bad time"},
		{in: "-m time --timestart 12:34:5x", message: "--timestart: bad time"},
		{in: "-m time --monthdays 08", message: "--monthdays: not a day of the month: 08"},
		{in: "-m time --monthdays 1st", message: "--monthdays: not a day of the month: 1st"},
		{in: "-m time --weekdays Mon,,Tue", message: "--weekdays: the week begins with 1, Monday"},
		{in: "-m time --datestart 1970-01-00", message: "--datestart: the date is before 1970"},
		{in: "-m time --datestart 2020-01x02", message: "--datestart: bad date"},
	})
}
