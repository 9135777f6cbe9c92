package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"smtptest/bot/mcp"
	"smtptest/bot/results"
	"smtptest/probe"
	"smtptest/probe/domain"
	"smtptest/probe/guard"
)

// runMCP answers an assistant on standard input and output until it leaves. What
// a person may connect to from a terminal is not what an assistant may, which
// reads texts of strangers: public addresses and mail ports, unless --open.
func runMCP(ctx context.Context, args []string, t *terminal) int {
	open := strings.Join(args, " ") == "--open"
	if len(args) > 0 && !open {
		return usage(t, consoleError("Write smtptest mcp, or smtptest mcp --open, with which addresses of private networks "+
			"and all ports may be tested too."))
	}
	if t.inIsTerminal {
		t.complain("This waits for an assistant, which speaks the Model Context Protocol on standard input and output: " +
			"name the command “smtptest mcp” in its configuration. Ctrl-C ends it.")
	}
	policy := guard.Policy{Open: open}
	local := &probe.Local{Policy: policy, Controls: probe.DefaultControls()}
	server := mcp.Server{
		Version: version(), Prober: local, Single: open, Limiter: results.NewMemoryLimiter(results.DefaultLimits()),
		Domains: &domain.Examiner{Sessions: local, Policy: policy},
	}
	ctx, stop := t.interruptible(ctx)
	defer stop()
	if err := server.Serve(ctx, io.NopCloser(t.in), writeCloser{t.out}); err != nil {
		fmt.Fprintln(t.err, "The conversation with the assistant ended:", err)
		return exitSoftware
	}
	return exitWorking
}

// writeCloser leaves standard output open.
type writeCloser struct{ io.Writer }

// Close implements io.Closer.
func (writeCloser) Close() error { return nil }
