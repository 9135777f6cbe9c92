package bot_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"smtptest/bot"
)

func TestLogsHoldNoSecrets(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(bot.RedactingHandler(slog.NewTextHandler(&out, nil)))
	platformError := &url.Error{Op: "Post",
		URL: "https://discord.com/api/v9/interactions/112233/aW50ZXJhY3Rpb246TOKEN/callback", Err: errors.New("EOF")}
	log.With("user", "hunter2").WithGroup("g").Info("posting to https://hooks.slack.com/commands/T1/2/SECRETPART",
		"error", platformError, "text", "hunter2", "reason", "Bot MTIzNDU2Nzg5MDEyMzQ1Njc4.abcdef.abcdefghijklmnopqrstuvwxyz",
		slog.Group("event", "host", "hunter2.example.com", "kind", "xoxb-1-2-hunter2"), "method", "xapp-1-hunter2")
	log.Error("wss://wss-primary.slack.com/link/?ticket=hunter2", "elapsed", time.Second)
	for _, leak := range []string{"hunter2", "SECRETPART", "TOKEN", "MTIz"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%s is in the log:\n%s", leak, out.String())
		}
	}
	for _, kept := range []string{"elapsed=1s", "posting to", "EOF"} {
		if !strings.Contains(out.String(), kept) {
			t.Errorf("%s is not in the log:\n%s", kept, out.String())
		}
	}
}

func TestOneLineForAnAnswer(t *testing.T) {
	var out bytes.Buffer
	observe := bot.LogAnswers(slog.New(bot.RedactingHandler(slog.NewTextHandler(&out, nil))))
	observe(bot.Record{Platform: "slack", Kind: "test", Outcome: "failed", Stage: "greeting", Elapsed: time.Second})
	observe(bot.Record{Platform: "slack", Kind: "panic", Refused: "fault.internal", Reference: "ABCD2345",
		Panic: "runtime.boundsError", Reason: "profile relay: token-url: HTTP 503"})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[1], "level=ERROR") ||
		!strings.Contains(lines[1], "reference=ABCD2345") || !strings.Contains(lines[1], "token-url: HTTP 503") ||
		strings.Contains(out.String(), "failed") {
		t.Errorf("got %q", out.String())
	}
}

func TestRedactingHandlerAsksTheNextOne(t *testing.T) {
	h := bot.RedactingHandler(slog.NewTextHandler(&bytes.Buffer{}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if h.Enabled(context.Background(), slog.LevelInfo) || !h.Enabled(context.Background(), slog.LevelError) {
		t.Error("the level is not that of the next handler")
	}
}
