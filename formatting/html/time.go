package html

import (
	"regexp"
	"strconv"
	"sync"
	"time"
)

// Layouts of times. Slack and Discord show them in the reader's zone and
// language; here that is View.Zone, and English.
const (
	clock     = "15:04"
	clockSecs = "15:04:05"
	day       = "2 January 2006"
)

// slackTime are the layouts of what may stand in braces in a date of Slack
// (docs.slack.dev/messaging/formatting-message-text, date formatting).
func slackTime(name string) string {
	switch name {
	case "{time}":
		return clock
	case "{time_secs}":
		return clockSecs
	case "{date_num}":
		return time.DateOnly
	case "{date_slash}":
		return "02/01/2006"
	case "{date_short}", "{date_short_pretty}":
		return "2 Jan 2006"
	case "{date_long}", "{date_long_pretty}":
		return "Monday, " + day
	case "{date}", "{date_pretty}":
		return day
	}
	return ""
}

// discordTime are the layouts of the styles of a time (Discord, Reference,
// Message Formatting, Timestamp Styles); empty: relative.
func discordTime(style string) string {
	switch style {
	case "t":
		return clock
	case "T":
		return clockSecs
	case "d":
		return "02/01/2006"
	case "D":
		return day
	case "F":
		return "Monday, " + day + " " + clock
	case "R":
		return ""
	}
	return day + " " + clock
}

// moment is a time of Unix in a layout; an empty one: how long ago it is.
func (v View) moment(unix int64, layout string) string {
	at := time.Unix(unix, 0)
	if layout == "" {
		return ago(time.Since(at))
	}
	zone := v.Zone
	if zone == nil {
		zone = time.UTC
	}
	return at.In(zone).Format(layout)
}

func ago(d time.Duration) string {
	before, after := "", " ago"
	if d < 0 {
		d, before, after = -d, "in ", ""
	}
	for _, unit := range []struct {
		name string
		long time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		n := int(d / unit.long)
		switch {
		case n == 1:
			return before + "1 " + unit.name + after
		case n > 1:
			return before + strconv.Itoa(n) + " " + unit.name + "s" + after
		}
	}
	return "now"
}

func stamp(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

var braces = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{[a-z_]+\}`) })

// Date is a date of Slack as its format says, and Stamp the same for programs.
func (n node) Date() string {
	unix, _ := strconv.ParseInt(n.Str("timestamp"), 10, 64)
	return braces().ReplaceAllStringFunc(n.Str("format"), func(name string) string {
		if name == "{ago}" {
			return n.moment(unix, "")
		}
		layout := slackTime(name)
		if layout == "" {
			return name
		}
		return n.moment(unix, layout)
	})
}

// Stamp is a date of Slack as RFC 3339.
func (n node) Stamp() string {
	unix, _ := strconv.ParseInt(n.Str("timestamp"), 10, 64)
	return stamp(unix)
}
