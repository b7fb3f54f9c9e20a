package resources

import "github.com/hashicorp/terraform-plugin-framework/attr"

// respell takes over each spelling that leaves all the same, and reports whether there was one.
func respell(takes []func() func(), same func() bool) (changed bool) {
	for _, take := range takes {
		switch undo := take(); {
		case undo == nil:
		case same():
			changed = true
		default:
			undo()
		}
	}
	return changed
}

// spelling is one attribute's entry in model.spellings. Terraform accepts a planned value
// that differs from the configuration only if it is the state's, and neither is null.
func spelling[T attr.Value](mine *T, theirs T) func() (undo func()) {
	return func() func() {
		if (*mine).IsNull() || theirs.IsNull() || (*mine).Equal(theirs) {
			return nil
		}
		before := *mine
		*mine = theirs
		return func() { *mine = before }
	}
}
