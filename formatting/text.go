package formatting

import (
	"fmt"
	"strings"
)

// and joins a list as a sentence does: "TLS, login and sender".
func and(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " and " + items[last]
}

// listed joins the first of a list and says how many there are if that was
// not all.
func listed(items []string, most, all int) string {
	if shown := min(len(items), most); shown < all {
		return fmt.Sprintf("%s (%d of %d shown)", strings.Join(items[:shown], ", "), shown, all)
	}
	return strings.Join(items, ", ")
}
