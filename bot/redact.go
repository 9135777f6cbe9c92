package bot

import (
	"context"
	"log/slog"
	"regexp"
	"slices"
)

// logKeys are the attributes that may be logged: all of them are words of
// ours, numbers or the platforms' names, never what somebody typed or a server
// said.
var logKeys = []string{
	"platform", "engine", "kind", "refused", "elapsed", "reference", "panic", "error", "attempt", "wait", "reason",
	"connection",
	"method", "status", "scope", "version", "setting", "count", "address", "signal", "event",
}

// secretShapes are what must not get into a log even inside a word of ours:
// tokens of the platforms, and addresses that are as good as a token.
var secretShapes = regexp.MustCompile(`(?i)xox[a-z]-[\w-]+|xapp-[\w-]+|xoxe\.[\w.-]+` +
	`|https?://hooks\.[\w.-]+/\S+|/interactions/\d+/[^/\s"]+|/webhooks/\d+/[^/\s"]+` +
	`|wss?://\S+|\b(?:Bot|Bearer)\s+[\w.=-]{8,}|[\w-]{20,}\.[\w-]{5,}\.[\w-]{20,}`)

// RedactingHandler lets through the log keys that are known to be harmless,
// and takes out of their values what has the shape of a secret.
func RedactingHandler(next slog.Handler) slog.Handler { return redacting{next} }

type redacting struct{ next slog.Handler }

// Enabled implements slog.Handler.
func (h redacting) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h redacting) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, scrub(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(redact(a))
		return true
	})
	return h.next.Handle(ctx, out)
}

// WithAttrs implements slog.Handler.
func (h redacting) WithAttrs(attrs []slog.Attr) slog.Handler {
	var out []slog.Attr
	for _, a := range attrs {
		out = append(out, redact(a))
	}
	return redacting{h.next.WithAttrs(out)}
}

// WithGroup implements slog.Handler.
func (h redacting) WithGroup(name string) slog.Handler { return redacting{h.next.WithGroup(name)} }

func redact(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		var members []slog.Attr
		for _, m := range v.Group() {
			members = append(members, redact(m))
		}
		return slog.Attr{Key: scrub(a.Key), Value: slog.GroupValue(members...)}
	}
	if !slices.Contains(logKeys, a.Key) {
		return slog.String(scrub(a.Key), "[redacted]")
	}
	switch v.Kind() {
	case slog.KindString, slog.KindAny:
		return slog.String(a.Key, scrub(v.String()))
	}
	return slog.Attr{Key: a.Key, Value: v}
}

func scrub(text string) string { return secretShapes.ReplaceAllString(text, "[redacted]") }

// LogAnswers writes one line for each answer: what kind, how long, and what
// went wrong on our side. How a test ended is not in it.
func LogAnswers(log *slog.Logger) func(Record) {
	return func(r Record) {
		attrs := []slog.Attr{
			slog.String("platform", string(r.Platform)), slog.String("kind", string(r.Kind)),
			slog.Duration("elapsed", r.Elapsed),
		}
		level := slog.LevelInfo
		if r.Refused != "" {
			attrs = append(attrs, slog.String("refused", string(r.Refused)))
		}
		if r.Reference != "" {
			level = slog.LevelError
			attrs = append(attrs, slog.String("reference", r.Reference))
		}
		if r.Reason != "" {
			attrs = append(attrs, slog.String("reason", r.Reason))
		}
		if r.Panic != "" {
			attrs = append(attrs, slog.String("panic", r.Panic))
		}
		log.LogAttrs(context.Background(), level, "answered", attrs...)
	}
}
