//go:build unix

package realtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// stocks are the kinds of server. What Debian gives and is soon unpacked is
// tested each time; the rest on request.
func stocks() []stock {
	return []stock{
		{"Postfix", false, func(s *site) []listener {
			p := &postfix{Services: []service{{Program: "smtpd"}, {Program: "smtpd",
				Options: []string{"smtpd_tls_security_level=encrypt"}}}}
			p.start(s)
			return as([]uint16{p.Services[0].Port, p.Services[1].Port}, 25, 587)
		}},
		{"Dovecot", false, func(s *site) []listener {
			d := &dovecot{}
			d.start(s)
			return as([]uint16{d.StartTLSPort, d.ImplicitPort}, 587, 465)
		}},
		{"Exim", false, func(s *site) []listener {
			x := exim()
			x.start(s)
			return as([]uint16{x.StartTLSPort, x.StartTLSPort, x.ImplicitPort}, 25, 587, 465)
		}},
		{"OpenSMTPD", false, func(s *site) []listener { // without TLS, see TestOpenSMTPD
			o := opensmtpd()
			o.start(s)
			return as([]uint16{o.PlainPort}, 25)
		}},
		{"Sendmail", false, func(s *site) []listener { return as(s.sendmail(""), 25, 587) }},
		{"chasquid", false, (*site).chasquid},
		{"aiosmtpd", false, func(s *site) []listener {
			certificate, ports := s.certificate(""), freePorts(s, 1)
			s.run(exec.Command("/usr/bin/python3", "-m", "aiosmtpd", "-n", "-l", address(ports[0]),
				"--tlscert", certificate, "--tlskey", certificate), "", ports...)
			return as([]uint16{ports[0], ports[0]}, 25, 587)
		}},
		{"Courier", true, (*site).courier},
		{"qpsmtpd", true, (*site).qpsmtpd},
		{"smtp-server", true, (*site).nodemailer},
		{"Haraka", true, (*site).haraka},
		{"MailDev", true, func(s *site) []listener {
			return s.program(npmFolder("maildev/dist/bin/maildev.js"),
				"--smtp {25} --ip 127.0.0.1 --web {80} --web-ip 127.0.0.1")
		}},
		{"Mailpit", true, func(s *site) []listener {
			return s.program(unpackedFolder("go/mailpit"), "--smtp 127.0.0.1:{25} --listen 127.0.0.1:{80} "+
				"--smtp-tls-cert {cert} --smtp-tls-key {cert}")
		}},
		{"go-smtp", true, func(s *site) []listener {
			return s.program(unpackedFolder("go/smtp-debug-server"), "-l 127.0.0.1:{25}")
		}},
		{"Inbucket", true, (*site).inbucket},
		{"maddy", true, (*site).maddy},
	}
}

func address(port uint16) string { return net.JoinHostPort(loopback, fmt.Sprint(port)) }

func npmFolder(path string) string { return filepath.Join(unpackedFolder("npm/node_modules"), path) }

// program runs one that takes all from its arguments: {25} is its port, {80}
// one that nobody asks, {cert} the certificate.
func (s *site) program(path, args string) []listener {
	ports := freePorts(s, 2)
	words := strings.Fields(strings.NewReplacer("{25}", fmt.Sprint(ports[0]), "{80}", fmt.Sprint(ports[1]),
		"{cert}", s.certificate("")).Replace(args))
	if strings.HasSuffix(path, ".js") {
		path, words = "node", append([]string{path}, words...)
	}
	s.run(exec.Command(path, words...), "", ports[0])
	return as([]uint16{ports[0], ports[0]}, 25, 587)
}

// sendmail runs Debian's configuration; access are lines of its access table.
// Its ports are those for mail and for submission.
func (s *site) sendmail(access string) []uint16 {
	s.Helper()
	root, ports := s.copyOf("sendmail"), freePorts(s, 2)
	s.replace(filepath.Join(root, "etc/mail/sendmail.cf"),
		"Port=smtp,", fmt.Sprintf("Port=%d,", ports[0]), "Port=submission,", fmt.Sprintf("Port=%d,", ports[1]))
	s.copyCertificate(filepath.Join(root, "etc/mail.pem"), 0)
	makemap := exec.Command("/usr/libexec/sendmail/makemap", "hash", "/etc/mail/access")
	makemap.Dir, makemap.SysProcAttr = "/", &syscall.SysProcAttr{Chroot: root}
	makemap.Stdin = strings.NewReader(access)
	must(s, makemap.Run())
	s.runIn(root, exec.Command("/usr/libexec/sendmail/sendmail", "-C", "/etc/mail/sendmail.cf", "-bD"), ports...)
	return ports
}

func (s *site) chasquid() []listener {
	folder, ports := s.subfolder("chasquid"), freePorts(s, 3)
	s.subfolder("chasquid/domains/example.test")
	s.subfolder("chasquid/data")
	certificates := s.subfolder("chasquid/certs/" + mailHost)
	s.copyCertificate(filepath.Join(certificates, "fullchain.pem"), 0)
	s.copyCertificate(filepath.Join(certificates, "privkey.pem"), 0)
	s.write(filepath.Join(folder, "chasquid.conf"), fmt.Appendf(nil, "hostname: %q\nsmtp_address: %q\n"+
		"submission_address: %q\nsubmission_over_tls_address: %q\ndata_dir: %q\nmail_log_path: %q\n", mailHost,
		address(ports[0]), address(ports[1]), address(ports[2]), folder+"/data", folder+"/log"))
	s.run(exec.Command(filepath.Join(unpackedFolder("chasquid"), "usr/bin/chasquid"), "-config_dir="+folder),
		folder, ports...)
	return as(ports, 25, 587, 465)
}

// courier runs what its service does, but for name lookups: nobody answers
// them here.
func (s *site) courier() []listener {
	root, port := s.copyOf("courier"), freePorts(s, 1)
	const owner = 906
	s.copyCertificate(filepath.Join(root, "etc/courier/esmtpd.pem"), owner)
	s.publish(filepath.Join(root, "etc/courier/me"), mailHost+"\n")
	must(s, os.MkdirAll(filepath.Join(root, "etc/ssl/certs"), 0o755))
	s.publish(filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"), "")
	for _, folder := range []string{"run/courier", "var/lib/courier/tmp", "var/lib/courier/msgs", "var/lib/courier/msgq"} {
		must(s, os.MkdirAll(filepath.Join(root, folder), 0o755))
		must(s, os.Chown(filepath.Join(root, folder), owner, owner))
	}
	cmd := exec.Command("/usr/sbin/couriertcpd", "-address=127.0.0.1", "-noidentlookup", "-nodnslookup", "-user=courier",
		"-group=courier", "-maxprocs=40", "-maxperc=5", "-maxperip=5", fmt.Sprint(port[0]), "/usr/sbin/courieresmtpd")
	cmd.Env = s.settings(filepath.Join(root, "etc/courier/esmtpd"))
	s.runIn(root, cmd, port...)
	return as([]uint16{port[0], port[0]}, 25, 587)
}

// settings reads the assignments of a file that a shell is meant to read.
func (s *site) settings(path string) []string {
	text, err := os.ReadFile(path)
	must(s, err)
	var all []string
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(name, "#") {
			all = append(all, name+"="+strings.Trim(value, `"`))
		}
	}
	return all
}

// qpsmtpd runs with the plugins that Debian enables, and delivers to a folder.
func (s *site) qpsmtpd() []listener {
	root, port := s.copyOf("qpsmtpd"), freePorts(s, 1)
	config := filepath.Join(root, "etc/qpsmtpd")
	spool := filepath.Join(root, "spool")
	s.replace(filepath.Join(config, "plugins"), "$include /etc/qpsmtpd/debian-queue-method", "queue/maildir "+spool)
	s.publish(filepath.Join(config, "plugin_dirs"), filepath.Join(root, "usr/share/qpsmtpd/plugins")+"\n")
	s.publish(filepath.Join(config, "logging"), "logging/warn LOGWARN\n")
	s.publish(filepath.Join(config, "spool_dir"), spool+"\n")
	must(s, os.Mkdir(spool, 0o700))
	must(s, os.Chown(spool, uid(s, "nobody"), 0))
	modules, err := filepath.Glob(filepath.Join(root, "usr/lib/*-linux-*/perl5/*"))
	must(s, err)
	args := []string{"-T", "-I" + filepath.Join(root, "usr/share/perl5")}
	for _, folder := range modules {
		args = append(args, "-I"+folder)
	}
	cmd := exec.Command("perl", append(args, filepath.Join(root, "usr/bin/qpsmtpd-forkserver"), "-u", "nobody",
		"-l", loopback, "-p", fmt.Sprint(port[0]))...)
	cmd.Env = append(os.Environ(), "QPSMTPD_CONFIG="+config)
	s.run(cmd, "", port...)
	return as([]uint16{port[0], port[0]}, 25, 587)
}

// nodemailer runs its server as the first example of its documentation does.
func (s *site) nodemailer() []listener {
	ports := freePorts(s, 2)
	script := filepath.Join(s.folder, "server.js")
	s.write(script, fmt.Appendf(nil, `const {SMTPServer} = require(%q), pem = require("fs").readFileSync(%q);
for (const [port, secure] of [[%d, false], [%d, true]])
	new SMTPServer({secure, key: pem, cert: pem}).on("error", () => {}).listen(port, "127.0.0.1");`,
		npmFolder("smtp-server"), s.certificate(""), ports[0], ports[1]))
	s.run(exec.Command("node", script), "", ports...)
	return as([]uint16{ports[0], ports[0], ports[1]}, 25, 587, 465)
}

// haraka runs what `haraka -i` writes, with the plugin for TLS.
func (s *site) haraka() []listener {
	folder, port, program := filepath.Join(s.folder, "haraka"), freePorts(s, 1), npmFolder("Haraka/bin/haraka")
	out, err := exec.Command("node", program, "-i", folder).CombinedOutput()
	if err != nil {
		s.Fatalf("%v\n%s", err, out)
	}
	s.replace(filepath.Join(folder, "config/smtp.ini"), ";listen=[::0]:25", "listen="+address(port[0]))
	s.replace(filepath.Join(folder, "config/plugins"), "# tls\n", "tls\n")
	s.copyCertificate(filepath.Join(folder, "config/tls_cert.pem"), 0)
	s.copyCertificate(filepath.Join(folder, "config/tls_key.pem"), 0)
	s.run(exec.Command("node", program, "-c", folder), "", port...)
	return as([]uint16{port[0], port[0]}, 25, 587)
}

func (s *site) inbucket() []listener {
	ports, certificate := freePorts(s, 3), s.certificate("")
	cmd := exec.Command(unpackedFolder("go/inbucket"))
	cmd.Env = append(os.Environ(), "INBUCKET_SMTP_ADDR="+address(ports[0]), "INBUCKET_POP3_ADDR="+address(ports[1]),
		"INBUCKET_WEB_ADDR="+address(ports[2]), "INBUCKET_SMTP_TLSENABLED=true", "INBUCKET_SMTP_TLSCERT="+certificate,
		"INBUCKET_SMTP_TLSPRIVKEY="+certificate)
	s.run(cmd, "", ports[0])
	return as([]uint16{ports[0], ports[0]}, 25, 587)
}

// maddy runs the configuration of its source, which serves IMAP too.
func (s *site) maddy() []listener {
	folder, ports, certificate := s.subfolder("maddy"), freePorts(s, 5), s.certificate("")
	text, err := os.ReadFile(unpackedFolder("go/maddy.conf"))
	must(s, err)
	config := filepath.Join(folder, "maddy.conf")
	s.write(config, text)
	pairs := []string{
		"$(hostname) = example.org", "$(hostname) = " + mailHost,
		"$(primary_domain) = example.org",
		"state_dir " + folder + "\nruntime_dir " + folder + "\n$(primary_domain) = example.test",
		"/etc/maddy/certs/$(hostname)/fullchain.pem", certificate, "/etc/maddy/certs/$(hostname)/privkey.pem", certificate,
		"driver sqlite3\n        dsn credentials", "driver sqlite\n        dsn credentials", // it is built without cgo
	}
	for i, name := range []string{"25", "587", "465", "993", "143"} {
		pairs = append(pairs, "0.0.0.0:"+name, address(ports[i]))
	}
	s.replace(config, pairs...)
	s.run(exec.Command(unpackedFolder("go/maddy"), "-config", config, "run"), "", ports...)
	return as(ports, 25, 587, 465)
}

// copyCertificate puts the key and the certificates where a server wants them.
func (s *site) copyCertificate(path string, owner int) {
	s.Helper()
	pem, err := os.ReadFile(s.certificate(""))
	must(s, err)
	s.write(path, pem)
	must(s, os.Chown(path, owner, 0))
}

// replace sets what an installation sets, in a file of a package.
func (s *site) replace(path string, pairs ...string) {
	s.Helper()
	text, err := os.ReadFile(path)
	must(s, err)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(string(text), pairs[i]) {
			s.Fatalf("%s has no %s", path, pairs[i])
		}
	}
	must(s, os.WriteFile(path, []byte(strings.NewReplacer(pairs...).Replace(string(text))), 0o644))
}
