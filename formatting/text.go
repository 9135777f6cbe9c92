package formatting

import (
	"fmt"
	"strings"
	"time"
)

// Duration writes a duration with as many digits as people need.
func Duration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "under 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d s", int(d.Round(time.Second).Seconds()))
}

// lifetime writes what is left of a certificate, or how long ago it ended.
func lifetime(d time.Duration) string {
	const day, year, most = 24 * time.Hour, 8766 * time.Hour, 200
	switch {
	case d < time.Hour:
		return "under 1 hour"
	case d < 2*day:
		return count(int(d/time.Hour), "hour")
	case d >= most*year: // a time.Duration ends at 292 years
		return fmt.Sprintf("over %d years", most)
	case d >= 2*year:
		return count(int(d/year), "year")
	}
	return count(int(d/day), "day")
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if noun[len(noun)-1] == 's' {
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// listed joins the first of a list and says how many there are if that was
// not all.
func listed(items []string, most, all int) string {
	if shown := min(len(items), most); shown < all {
		return fmt.Sprintf("%s (%d of %d shown)", strings.Join(items[:shown], ", "), shown, all)
	}
	return strings.Join(items, ", ")
}
