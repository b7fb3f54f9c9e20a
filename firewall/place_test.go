package firewall

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each page of testdata/place has a host, the lines to be added, each by a resource of its
// own, and the host as it must be afterwards, whichever resource comes first.
func TestPlace(t *testing.T) {
	for name, page := range pages(t, "place") {
		t.Run(name, func(t *testing.T) {
			host, added := onHost(t, page.part("host")), linesOf(t, page.part("add"))
			want := printed(onHost(t, page.part("want")))
			for order := range orders(len(added)) {
				rs := host
				var done Lines
				for _, i := range order {
					rs = applied(t, rs, Replace(nil, Lines{added[i]}))
					done = append(done, added[i])
					if drifted := done.Without(Present(rs, done)); len(drifted) > 0 {
						t.Fatalf("in the order %v, adding\n%smakes drift of\n%s\n%s", order, textOf(Lines{added[i]}), textOf(drifted), printed(rs))
					}
				}
				if diff := cmp.Diff(want, printed(rs)); diff != "" {
					t.Fatalf("in the order %v (-want +got):\n%s", order, diff)
				}
				for _, l := range added {
					rs = applied(t, rs, Replace(Lines{l}, nil))
				}
				if diff := cmp.Diff(printed(host), printed(rs)); diff != "" {
					t.Fatalf("after all were taken out again (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// orders are all orders of n things, or for more than six of them some.
func orders(n int) func(func([]int) bool) {
	return func(yield func([]int) bool) {
		order := make([]int, n)
		for i := range order {
			order[i] = i
		}
		if n > 6 {
			for range n {
				order = append(order[1:], order[0])
				reversed := slices.Clone(order)
				slices.Reverse(reversed)
				if !yield(order) || !yield(reversed) {
					return
				}
			}
			return
		}
		var permute func(int) bool
		permute = func(k int) bool {
			if k == n {
				return yield(slices.Clone(order))
			}
			for i := k; i < n; i++ {
				order[k], order[i] = order[i], order[k]
				if !permute(k + 1) {
					return false
				}
				order[k], order[i] = order[i], order[k]
			}
			return true
		}
		permute(0)
	}
}
