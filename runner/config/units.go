package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// duration reads a length of time. A bare number is refused, but for 0, because nobody
// can see whether it means seconds.
func (r *reading) duration(key string, byDefault time.Duration, zero string) time.Duration {
	e, ok := r.choices.entries[key]
	if !ok {
		r.note(key, inWords(byDefault, zero), "default")
		return byDefault
	}
	d, fine := time.Duration(0), e.value == int64(0)
	if text, isText := e.value.(string); isText {
		var err error
		d, err = time.ParseDuration(strings.ReplaceAll(text, " ", ""))
		fine = err == nil && d >= 0
	}
	if !fine {
		r.wrong(e, fmt.Sprintf(`a duration in quotes, such as "60s" or "2m", or 0 for %s`, zero))
		return byDefault
	}
	r.set(e, inWords(d, zero))
	return d
}

// inWords writes 10m rather than 10m0s.
func inWords(d time.Duration, zero string) string {
	if d == 0 {
		return zero
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// size reads a number of bytes.
func (r *reading) size(key string, byDefault int64) int64 {
	e, ok := r.choices.entries[key]
	if !ok {
		r.note(key, bytesInWords(byDefault), "default")
		return byDefault
	}
	n, isInt := e.value.(int64)
	if text, isText := e.value.(string); isText {
		n, isInt = parseSize(text)
	}
	if !isInt || n < 1<<10 {
		r.wrong(e, `a size in quotes, such as "64MB" or "512KB", of at least 1KB`)
		return byDefault
	}
	r.set(e, bytesInWords(n))
	return n
}

// parseSize understands B, KB, MB and GB, which count in steps of 1024 here, with or
// without the i of KiB.
func parseSize(text string) (int64, bool) {
	match := regexp.MustCompile(`(?i)^\s*(\d+)\s*([kmg]?)i?b?\s*$`).FindStringSubmatch(text)
	if match == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(match[1], 10, 64)
	shift := map[string]int{"": 0, "k": 10, "m": 20, "g": 30}[strings.ToLower(match[2])]
	if err != nil || n > math.MaxInt64>>shift {
		return 0, false
	}
	return n << shift, true
}

func bytesInWords(n int64) string {
	for _, unit := range []string{"B", "KB", "MB"} {
		if n%1024 != 0 || n == 0 {
			return strconv.FormatInt(n, 10) + " " + unit
		}
		n /= 1024
	}
	return strconv.FormatInt(n, 10) + " GB"
}
