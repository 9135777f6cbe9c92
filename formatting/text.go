package formatting

import (
	"fmt"
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

// lifetime writes what is left of a certificate.
func lifetime(d time.Duration) string {
	const day = 24 * time.Hour
	if d < 2*day {
		return count(int(d.Hours()), "hour")
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
