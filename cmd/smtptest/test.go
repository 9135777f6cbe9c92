package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"

	"smtptest/bot"
	"smtptest/formatting"
	"smtptest/formatting/jsonreport"
	"smtptest/formatting/plain"
	"smtptest/probe"
	"smtptest/probe/diagnosis"
	"smtptest/probe/guard"
)

// maxCAFileOctets bounds --ca: all of Mozilla's roots take a fifth of it.
const maxCAFileOctets = 1 << 20

// network is the prober of the real network. A person at a terminal may
// connect wherever this machine may, so the guard is open.
func network(c bot.Command) (*probe.Local, error) {
	local := &probe.Local{Policy: guard.Policy{Open: true}}
	if c.CAFile == "" {
		return local, nil
	}
	roots, err := readRoots(c.CAFile)
	local.Roots = roots
	return local, err
}

func readRoots(name string) (*x509.CertPool, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("The file behind --ca cannot be read. Check its name and rights: %w", err)
	}
	if info.Size() > maxCAFileOctets {
		return nil, fmt.Errorf("The file behind --ca is larger than 1 MiB. Give a file with the certificates of your own authority")
	}
	pem, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("The file behind --ca cannot be read. Check its name and rights: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("The file behind --ca holds no certificate in PEM form. Convert it: openssl x509 -inform der -in FILE")
	}
	return roots, nil
}

// probeAndShow runs one test and shows its answer.
func probeAndShow(ctx context.Context, t *terminal, prober probe.Prober, c bot.Command) int {
	show := newShow(t, c.JSON)
	report, err := prober.Probe(ctx, c.Request, show.watch)
	show.done()
	if err != nil {
		fmt.Fprintln(t.err, "Something went wrong in this program, not on the mail server:", err)
		return exitSoftware
	}
	d := diagnosis.Of(&report)
	if c.JSON {
		return showJSON(t, report, d)
	}
	m := formatting.Result(&report, d)
	if !show.verdictShown {
		fmt.Fprint(t.out, plain.Head(m, t.style()))
	}
	fmt.Fprint(t.out, plain.Body(m, t.style()))
	return exitCode(d.Verdict)
}

func showJSON(t *terminal, report probe.Report, d diagnosis.Diagnosis) int {
	out, err := jsonreport.Encode(&report, d)
	if err != nil {
		fmt.Fprintln(t.err, "The report could not be written as JSON:", err)
		return exitSoftware
	}
	t.out.Write(out)
	return exitCode(d.Verdict)
}

func (t *terminal) style() plain.Style {
	return plain.Style{Colour: t.colour, Columns: t.columns}
}
