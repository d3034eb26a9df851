/* One value with all that is in it: searched, opened where that is done here, its words decoded. */
#include "core.h"

u32 kinds_of(const Core *c, const u8 *p, size_t n) {
    u32 kinds = 0;
    for (size_t i = 0; i < n; i++) kinds |= c->layers.kinds[p[i]];
    return kinds;
}

/* With *halves*, also of characters of UTF-16 that were cut in two. */
static int is_unicode(const u8 *p, size_t n, int halves) {
    for (size_t i = 0; i < n;) {
        u8 byte = p[i++];
        if (byte < 0x80) continue;
        size_t more = byte < 0xC2 || byte > 0xF4 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
        if (!more || n - i < more) return 0;
        u8 next = p[i];
        if ((byte == 0xE0 && next < 0xA0) || (byte == 0xED && next > 0x9F && !halves) || (byte == 0xF0 && next < 0x90)
            || (byte == 0xF4 && next > 0x8F))
            return 0;
        while (more--) if ((p[i++] & 0xC0) != 0x80) return 0;
    }
    return 1;
}

int is_utf8(const u8 *p, size_t n) { return is_unicode(p, n, 0); }
int is_utf8_in_halves(const u8 *p, size_t n) { return is_unicode(p, n, 1); }

int is_text(const Core *c, const u8 *p, size_t n) {
    u32 kinds = kinds_of(c, p, n);
    return !(kinds & CONTROL) && (!(kinds & HIGH) || is_utf8(p, n));
}

/* Base45 whose bytes nobody can read; as `is_sealed_base45` in text_check.py. */
static int is_base45(const u8 *p, size_t n) {
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    size_t m = least(n, 512), different = 0, alike = 0;
    u32 counts[45] = {0}, group = 0, place = 1;
    if (n < 96 || n % 3 == 1) return 0;
    for (size_t i = 0; i < m; i++) {
        const char *at = p[i] ? strchr(alphabet, p[i]) : NULL;
        if (!at) return 0;
        u32 digit = (u32)(at - alphabet);
        counts[digit]++;
        group += digit * place;
        place *= 45;
        if (i % 3 < 2) continue;
        if (group > 0xFFFF) return 0;
        group = 0;
        place = 1;
    }
    if (!counts[37] && !counts[39]) return 0; /* $ and *, the strange ones */
    for (int i = 0; i < 45; i++) {
        different += counts[i] > 0;
        alike += (size_t)counts[i] * (counts[i] - (counts[i] > 0));
    }
    return different >= 36 && (double)alike <= 0.045 * (double)m * (double)(m - 1) + 1;
}

/* One run of characters that come like dice, a strange sign among them: as `text_check.is_sealed_text` has it. */
static int is_sealed_text(const u8 *p, size_t n) {
    static const char strange_signs[] = "!#$()*;<>?@[]^`{|}~\"";
    size_t m = least(n, 512), different = 0, strange = 0, kinds_of_strange = 0, signs = 0, most = 0, changes = 0, blank = 0, alike = 0;
    u32 counts[256] = {0};
    int before = -1;
    if (is_base45(p, n)) return 1;
    for (size_t i = 0; i < n; i++) blank += p[i] < 33 || p[i] > 126;
    if ((double)blank > (double)n / 64) return 0;
    for (size_t i = 0; i < m; i++) {
        int kind = p[i] >= 'a' && p[i] <= 'z' ? 0 : p[i] >= 'A' && p[i] <= 'Z' ? 1 : is_digit(p[i]) ? 2 : 3;
        counts[p[i]]++;
        changes += kind != before;
        before = kind;
    }
    for (int i = 0; i < 256; i++) {
        if (!counts[i]) continue;
        different++;
        alike += (size_t)counts[i] * (counts[i] - 1);
        int is_strange = i && strchr(strange_signs, i) != NULL;
        strange += is_strange ? counts[i] : 0;
        kinds_of_strange += (size_t)is_strange;
        if (!is_alnum((u8)i)) {
            signs++;
            if (counts[i] > most) most = counts[i];
        }
    }
    /* Beyond ASCII some characters are letters for Python, which makes fewer signs: say yes the more often. */
    int is_alphabet = signs > 1 && (signs <= 4 || blank) && (double)most <= (double)m / 24 + 2;
    int is_strange = (double)strange >= 0.1 * (double)m || (kinds_of_strange && is_alphabet);
    return different >= 36 && is_strange && (double)changes >= 0.55 * (double)m
        && (double)alike <= 0.02 * (double)m * (double)(m - 1) + 1;
}

static int is_blank(u8 c) { return !c || is_space(c); }

/* What stands between the tokens of documents, forms and lists. */
static int is_between(u8 c) {
    switch (c) {
    case '"': case '\'': case '=': case ':': case ';': case ',': case '&': case '|': case '<': case '>': case '(': case ')':
    case '[': case ']': case '{': case '}': return 1;
    default: return is_blank(c);
    }
}

/* Text that comes like dice, or a token in it that does; as `_sealed` in opaque_runs.py. */
int holds_sealed(const u8 *p, size_t n) {
    if (n < SMALLEST_OPAQUE) return 0;
    if (is_sealed_text(p, n)) return 1;
    for (size_t start = 0, i = 0; i <= n; i++) {
        if (i < n && !is_blank(p[i])) continue;
        if (i - start >= SMALLEST_OPAQUE) {
            if (is_sealed_text(p + start, i - start)) return 1;
            for (size_t one = start, k = start; k <= i; k++) {
                if (k < i && !is_between(p[k])) continue;
                if (k - one >= SMALLEST_OPAQUE && is_sealed_text(p + one, k - one)) return 1;
                one = k + 1;
            }
        }
        start = i + 1;
    }
    return 0;
}

/* Bytes of the character that begins at *p*, and whether it is one of text; `_WORD` in opaque_runs.py. */
static size_t character(const u8 *p, size_t n, int *of_text) {
    u8 byte = p[0];
    *of_text = !byte || byte == 9 || byte == 10 || byte == 13 || (byte >= 32 && byte < 127);
    if (byte < 0x80) return 1;
    size_t size = byte < 0xC2 || byte > 0xF4 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    if (!size || size > n || !is_utf8(p, size)) return 1;
    u32 point = byte & (0xFFu >> (size + 1));
    for (size_t i = 1; i < size; i++) point = point << 6 | (p[i] & 63u);
    *of_text = point >= 0xBF ? point < 0x2000 || point > 0x200F
        : point == 0xA7 || point == 0xA9 || point == 0xAB || point == 0xAE || point == 0xB0 || point == 0xB7 || point == 0xBB;
    return size;
}

/* Long enough, zeros left out, and fewer printable than this share. */
static int is_unreadable(const Core *c, const u8 *p, size_t n, double most) {
    size_t bare = 0, printable = 0;
    for (size_t i = 0; i < n; i++) {
        bare += p[i] != 0;
        printable += p[i] && !(c->layers.kinds[p[i]] & (CONTROL | HIGH));
    }
    return bare >= SMALLEST_OPAQUE && (double)printable <= most * (double)bare;
}

/* The end of what is no word, four or more characters of text, from *at* on; and that of the word after it. */
static size_t word_after(const u8 *p, size_t n, size_t at, size_t *end) {
    size_t start = at, count = 0;
    for (size_t i = at; i < n;) {
        int of_text;
        size_t size = character(p + i, n - i, &of_text);
        if (of_text) {
            if (!count++) start = i;
            i += size;
            continue;
        }
        if (count >= 4) { *end = i; return start; }
        count = 0;
        i += size;
    }
    *end = n;
    return count >= 4 ? start : n;
}

/* As `_drawn` in opaque_runs.py; scores are doubled. */
static int has_drawn(const Core *c, const u8 *p, size_t n) {
    enum { STRETCH = 24, LEAST_OUTSIDE = 40 };
    const double MOST_PRINTABLE = 0.6;
    size_t begun = 0, start = n, best_end = 0, word = 0;
    long best = 0, score = 0;
    int asked = 0;
    for (size_t at = 0, end; word < n; at = end) {
        word = word_after(p, n, at, &end);
        if (word > at) {
            if (start == n) { start = at; best = score = 0; asked = 0; }
            score += 2 * (long)(word - at);
            if (score >= best) { best = score; best_end = word; }
            /* Enough, whatever follows; of most opaque values the rest need not be looked at. */
            if (best >= 8 * LEAST_OUTSIDE && !asked++ && is_unreadable(c, p + start, best_end - start, MOST_PRINTABLE)) return 1;
        }
        int is_stretch = end - word >= STRETCH || word == n;
        score -= (long)(end - word);
        if (start < n && (is_stretch || score <= 0 || best - score > STRETCH)) {
            size_t from = start - begun < STRETCH ? begun : start, to = is_stretch && word - best_end < STRETCH ? word : best_end;
            if (best >= 2 * LEAST_OUTSIDE && is_unreadable(c, p + from, to - from, MOST_PRINTABLE)) return 1;
            start = n;
        }
        if (is_stretch) begun = end;
    }
    return 0;
}

/* As `may_hold_opaque` in opaque_runs.py has it. */
int holds_opaque(const Core *c, const u8 *p, size_t n) {
    if (n < SMALLEST_OPAQUE) return 0;
    size_t bare = 0;
    u8 few[1024], *out = n <= sizeof few ? few : malloc(n);
    if (!out) return 1;
    for (size_t i = 0; i < n; i++) if (p[i]) out[bare++] = p[i];
    int text = is_text(c, out, bare), found = 0;
    if (bare < SMALLEST_OPAQUE) found = 0;
    else if (text) found = is_sealed_text(out, bare) || holds_sealed(p, n);
    else found = is_unreadable(c, p, n, 0.75) || has_drawn(c, p, n) || holds_sealed(p, n);
    if (out != few) free(out);
    return found;
}

/* What layers find in a text, besides what its bytes and words are. */
int open_text(Core *c, const u8 *p, size_t n, u32 kinds, int *is_document) {
    int found = NOTHING;
    if ((kinds & STRANGE) && holds_sealed(p, n)) found |= OPAQUE;
    u64 mask = text_conditions(c, p, n, kinds);
    if (mask & c->layers.bits[L_JSON]) {
        ALSO(found, document(c, p, n, is_document));
        if (*is_document) mask &= c->layers.before_json & ~c->layers.bits[L_BYTE_LIST];
    }
    if (!mask) return found;
    ALSO(found, open_natively(c, p, n, &mask));
    return mask ? found | look(c, p, n, mask, IS_TEXT) : found;
}

static int open_bytes(Core *c, const u8 *p, size_t n, u64 mask) {
    int found = raw_digests(c, p, n);
    if (n == 4 && is_short_digest(c, (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3])) return SUSPECT;
    if (found & SUSPECT) return found;
    u64 protobuf = c->layers.bits[L_PROTOBUF];
    int opaque = holds_opaque(c, p, n), masked = may_be_masked(p, n);
    if (!mask && !masked) return found | (opaque ? OPAQUE : NOTHING);
    if (!opaque && !masked) {
        if (mask & protobuf) ALSO(found, open_protobuf(c, p, n));
        mask &= ~protobuf;
        ALSO(found, open_natively(c, p, n, &mask));
        if (!mask) return found;
    }
    return found | look(c, p, n, mask, (opaque ? TELL_OPAQUE : 0u) | (masked ? TRY_MASKS : 0u));
}

/* Text that a format of which nothing is known leaves as it is; as `_STRETCH` in base_n.py. */
static int holds_stretch(const u8 *p, size_t n) {
    for (size_t start = 0, i = 0; i <= n; i++) {
        if (i < n && ((p[i] >= 32 && p[i] < 127) || p[i] == '\t' || p[i] == '\r' || p[i] == '\n')) continue;
        if (i - start >= 24) {
            u8 seen[256] = {0};
            size_t distinct = 0;
            for (size_t k = start; k < i; k++) { distinct += !seen[p[k]]; seen[p[k]] = 1; }
            if (distinct >= 8) return 1;
        }
        start = i + 1;
    }
    return 0;
}

/* True for what an alphabet is believed by that few words are meant in: text, a format, or the size of a digest. */
static int is_recognised(const u8 *p, size_t n, u64 mask) {
    return mask || n == 16 || n == 20 || n == 28 || n == 32 || n == 48 || n == 64 || p[0] == '{' || p[0] == '['
        || holds_stretch(p, n);
}

static int sifted(Core *c, const u8 *p, size_t n, int opened, int is_guess) {
    u32 kinds = kinds_of(c, p, n);
    int text = !(kinds & CONTROL) && (!(kinds & HIGH) || is_utf8(p, n)), is_document = 0, found;
    u64 mask = text ? 0 : binary_conditions(c, p, n, kinds);
    if (!text && is_guess && !is_recognised(p, n, mask)) return NOTHING;
    if ((found = search(c, p, n)) & SUSPECT) return found;
    if (!text) ALSO(found, open_bytes(c, p, n, mask));
    else if (!opened || begins_json(p, n)) ALSO(found, open_text(c, p, n, kinds, &is_document));
    else if ((kinds & STRANGE) && holds_sealed(p, n)) found |= OPAQUE;
    return found | words_in(c, p, n, is_document);
}

static int known_or_sifted(Core *c, const u8 *p, size_t n, int is_guess) {
    if (n < SHORTEST) return NOTHING;
    if (c->asked == ASK_READ) return is_text(c, p, n) || binary_conditions(c, p, n, kinds_of(c, p, n)) ? SUSPECT : NOTHING;
    c->work -= (int64_t)n + 64;
    if (n > LONGEST || c->depth >= DEEPEST || c->work < 0 || c->no_memory) return SUSPECT;
    u64 hash = n <= LONGEST_KNOWN && !is_guess ? hash_of(c, p, n, (u64)c->doubt << 32) : 0; /* a guess is of a word, which is remembered */
    if (hash && is_known(c, hash)) return NOTHING;
    c->depth++;
    int found = sifted(c, p, n, 0, is_guess);
    c->depth--;
    if (!found && hash) note_known(c, hash);
    return found;
}

int value(Core *c, const u8 *p, size_t n) { return known_or_sifted(c, p, n, 0); }
int guess(Core *c, const u8 *p, size_t n) { return known_or_sifted(c, p, n, 1); }

/* A part of a request, which falls into fields by what it is. */
int part(Core *c, const u8 *p, size_t n, int how) {
    if (n < SHORTEST) return NOTHING;
    c->work = (int64_t)n * WORK + LEAST_WORK;
    c->depth = 0;
    if (how == AS_CLOSED) return n > LONGEST ? SUSPECT : search(c, p, n) | raw_digests(c, p, n);
    if (how == AS_VALUE) return value(c, p, n);
    if (n > LONGEST) return SUSPECT;
    u64 hash = n <= LONGEST_KNOWN ? hash_of(c, p, n, (u64)how + 1) : 0;
    if (hash && is_known(c, hash)) return NOTHING;
    int found = NOTHING, cut = 1;
    if (how == AS_PATH) found = segments(c, p, n);
    else if (how == AS_TARGET) {
        const u8 *query = memchr(p, '?', n);
        size_t size = query ? (size_t)(query - p) : n;
        found = value(c, p, size);
        if (!(found & SUSPECT)) found |= segments(c, p, size);
    } else {
        u8 separator = how == AS_QUERY ? '&' : ';';
        cut = memchr(p, separator, n) || memchr(p, '=', n);
        if (cut) found = fields(c, p, n, separator);
    }
    if (found & SUSPECT) return found;
    if (cut && how != AS_PATH) { /* escapes of the whole besides, only searched */
        for (int plus = 0; plus < 2 && !(found & SUSPECT); plus++) {
            size_t size = 0;
            u8 *out = unquoted(c, p, n, plus, &size);
            if (!out) return SUSPECT;
            if (size != n || memcmp(out, p, n)) found |= search(c, out, size) | raw_digests(c, out, size);
            free(out);
        }
    }
    if (!(found & SUSPECT)) found |= sifted(c, p, n, cut && how != AS_PATH, 0);
    if (!found && hash) note_known(c, hash);
    return found;
}
