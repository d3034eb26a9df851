/* Text: which layers may open it, and what those that only cut it or undo simple escapes would give.

   Each condition is that of the layer of its name in `layers/`, or weaker. */
#include "core.h"

enum { LONGEST_BASE_N = 1 << 18, SHORTEST_BASE_N = 8, SHORTEST_DRAWN = 10, SURELY_UUID = 16 };

static const char B85[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
static const char Z85[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
static const char B91[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,./:;<=>?@[]^_`{|}~\"";
static const char B45[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

static int is_hex(u8 c) { return hex_digit(c) < 16; }
static int is_code(u8 c) { return is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_'; }

static const u8 *find(const u8 *p, size_t n, const char *what, size_t m) {
    for (size_t i = 0; i + m <= n; i++) {
        const u8 *at = memchr(p + i, what[0], n - m - i + 1);
        if (!at) return NULL;
        if (!memcmp(at, what, m)) return at;
        i = (size_t)(at - p);
    }
    return NULL;
}

static size_t blank(const u8 *p, size_t n) {
    size_t i = 0;
    while (i < n && is_space(p[i])) i++;
    return i;
}

int is_escaped(const u8 *p, size_t n) { return n >= 3 && p[0] == '%' && is_hex(p[1]) && is_hex(p[2]); }

int begins_json(const u8 *p, size_t n) {
    size_t at = begins(p, n, "\xEF\xBB\xBF", 3) ? 3 : 0;
    at += blank(p + at, n - at);
    return at < n && (p[at] == '{' || p[at] == '[' || p[at] == '"');
}

/* A name, an equals sign and the beginning of a value. */
int begins_form(const u8 *p, size_t n) {
    size_t i = 0;
    while (i < n && i <= 128 && (is_alnum(p[i]) || memchr("_.-[]%$:+~*@", p[i], 12))) i++;
    return i && i <= 128 && i + 1 < n && p[i] == '=' && p[i + 1] != '=' && (p[i + 1] >= 0x20 || p[i + 1] == 9);
}

static int has_entity(const u8 *p, size_t n) {
    for (const u8 *at = p; (at = memchr(at, '&', n - (size_t)(at - p))); at++) {
        const u8 *end = p + n, *next = at + 1;
        while (next < end && next - at <= 32 && (is_alnum(*next) || *next == '#')) next++;
        if (next < end && *next == ';' && next > at + 1) return 1;
    }
    return 0;
}

/* Each equals sign quotes a byte or ends a line. */
static int is_quoted(const u8 *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i] != '=') continue;
        if (i + 2 < n && is_hex(p[i + 1]) && is_hex(p[i + 2]) && p[i + 1] < 'a' && p[i + 2] < 'a') continue;
        size_t k = i + 1;
        while (k < n && (p[k] == ' ' || p[k] == '\t')) k++;
        if (k >= n || (p[k] != '\n' && p[k] != '\r')) return 0;
    }
    return 1;
}

/* Numbers, or pairs of hexadecimal digits, or bits, with signs between them. */
static int may_be_byte_list(const u8 *p, size_t n) {
    size_t runs = 0, run = 0, bits = 0;
    for (size_t i = 0; i <= n; i++) {
        u8 c = i < n ? p[i] : ' ';
        if (is_hex(c) || c == 'x' || c == 'X') { bits += c == '0' || c == '1'; run++; continue; }
        if (!is_space(c) && !memchr(",;:-\\[](){}", c, 11)) return 0;
        if (run > 3 && bits != run && !(run == 4 && p[i - 4] == '0' && (p[i - 3] | 0x20) == 'x')) return 0;
        runs += run > 0;
        if (run >= 32) return 1;
        run = bits = 0;
    }
    return runs >= 4;
}

/* Numbers of several bytes that may spell something: code units, or words in which no byte is a control character. */
int may_be_words(const u8 *p, size_t n) {
    size_t count = 0, units = 0, wide = 0, words = 0;
    for (size_t i = 0; i < n;) {
        if (p[i] != '-' && !is_digit(p[i])) {
            if (!is_space(p[i]) && !memchr(",;[](){}", p[i], 8)) return 0;
            i++;
            continue;
        }
        int negative = p[i] == '-';
        size_t start = i += (size_t)negative;
        u64 number = 0;
        while (i < n && is_digit(p[i])) {
            if (i - start == 10) return 0;
            number = number * 10 + (u64)(p[i++] - '0');
        }
        if (i == start || number > 0xFFFFFFFF) return 0;
        u32 word = negative ? 0u - (u32)number : (u32)number;
        int clean = 1;
        for (int shift = 0; shift < 32; shift += 8) {
            u8 byte = (u8)(word >> shift);
            clean &= !byte || byte >= 32 || byte == 9 || byte == 10 || byte == 13;
        }
        count++;
        wide += number > 0xFF;
        units += !negative && number >= 9 && number <= 0xFFFF;
        words += (size_t)clean;
    }
    return count >= 4 && wide && ((units == count && 2 * wide >= count) || words == count);
}

/* Its first line, or a first character that says how long it is. */
static int may_be_uuencoded(const u8 *p, size_t n, u32 kinds) {
    if (begins(p, n, "begin ", 6) || begins(p, n, "begin-", 6)) return 1;
    size_t width = 1 + ((((size_t)p[0] - 32) & 63) + 2) / 3 * 4;
    if (n < 9 || !((n + 2 >= width && n <= width + 3) || (p[0] == 'M' && n > 61 && (kinds & LINE)))) return 0;
    for (size_t i = 0; i < n; i++)
        if ((p[i] < ' ' || p[i] > '`') && p[i] != '\r' && p[i] != '\n') return 0;
    return 1;
}

static int character_class(u8 c) { return c >= 'a' && c <= 'z' ? 0 : c >= 'A' && c <= 'Z' ? 1 : is_digit(c) ? 2 : 3; }

/* Characters that change their kind as often as drawn ones do, strange signs among them. */
static int looks_drawn(const Core *c, const u8 *p, size_t n) {
    if (n < SHORTEST_DRAWN || begins(p, n, "{\"", 2) || begins(p, n, "[{", 2) || begins(p, n, "[[", 2) || begins(p, n, "[\"", 2))
        return 0;
    u8 seen[256] = {0};
    size_t changes = 1, strange = 0, signs = 0;
    int has[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        int kind = character_class(p[i]);
        has[kind] = 1;
        changes += i && kind != character_class(p[i - 1]);
        if (!seen[p[i]]++) {
            strange += (c->layers.kinds[p[i]] & STRANGE) != 0;
            signs += kind == 3;
        }
    }
    double share = (double)changes / (double)n;
    return (strange >= 2 && share >= 0.45) || (share >= 0.55 && signs >= 3 && has[0] && has[1] && has[2]);
}

static int is_javascript(const u8 *p, size_t n) {
    for (size_t i = 0; i + 1 < n; i++) {
        if (p[i] != '\\') continue;
        if (memchr("xu0123", p[i + 1], 6) || (p[i + 1] == '/' && i && p[i - 1] == ':')) return 1;
    }
    return 0;
}

/* Base64 in lines, or as a whole with white space in it. */
static int has_lines64(const u8 *p, size_t n) {
    size_t run = 0, others = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_code(p[i])) { run++; continue; }
        if ((p[i] == '\n' || p[i] == '\r') && run >= 40) return 1;
        others += !is_space(p[i]) && p[i] != '=';
        run = 0;
    }
    return !others;
}

static int is_line_of_signs(const u8 *p, size_t n, const char *signs) {
    for (size_t i = 0; i < n; i++)
        if (!is_alnum(p[i]) && !strchr(signs, p[i])) return 0;
    return 1;
}

/* Distances of the letters that base64 of a compressed stream begins with. */
static int may_be_rot(const u8 *p, size_t n) {
    if (n < 20) return 0;
    int gzip = p[1] == '4' && ((p[2] | 0x20) - (p[0] | 0x20) - ('s' - 'h') + 520) % 26 == 0;
    int zlib = ((p[1] | 0x20) - (p[0] | 0x20) - ('j' - 'e') + 520) % 26 == 0;
    return (gzip || zlib) && is_alpha(p[0]) && is_line_of_signs(p, n, "+/_-=");
}

static int may_be_labels(const Core *c, const u8 *p, size_t n, u32 kinds) {
    if (n <= 12 || n > 253 || !(kinds & DOT) || (kinds & NO_NAME)) return 0;
    size_t start = 0, labels = 0, longest = 0;
    (void)c;
    for (size_t i = 0; i <= n; i++) {
        if (i < n && p[i] != '.') continue;
        if (i - start > longest) longest = i - start;
        labels += i > start;
        start = i + 1;
    }
    return labels >= 3 && longest >= 12;
}

static int may_be_socketio(const u8 *p, size_t n) {
    size_t i = 0;
    while (i < n && i < 32 && (is_digit(p[i]) || p[i] == '-')) i++;
    return i && i < n && (p[i] == '/' || p[i] == '[' || p[i] == '{' || (p[i] == ':' && i + 1 < n && p[i + 1] <= '6'));
}

static int may_be_stomp(const u8 *p, size_t n) {
    static const char *const commands[] = {"CONNECT", "STOMP", "SEND", "MESSAGE", "SUBSCRIBE", "UNSUBSCRIBE", "ACK", "NACK",
                                           "BEGIN", "COMMIT", "ABORT", "DISCONNECT"};
    size_t at = blank(p, n);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (begins(p + at, n - at, commands[i], strlen(commands[i]))) return 1;
    return 0;
}

static int may_be_graphql(const u8 *p, size_t n) {
    size_t at = blank(p, n);
    if (at < n && p[at] == '{') {
        at += 1 + blank(p + at + 1, n - at - 1);
        return at < n && (is_alpha(p[at]) || p[at] == '_');
    }
    return begins(p + at, n - at, "query", 5) || begins(p + at, n - at, "mutation", 8)
        || begins(p + at, n - at, "subscription", 12) || begins(p + at, n - at, "fragment", 8);
}

/* Text beyond ASCII as LZ-string has it: bytes, characters of 16 bits or of 15. */
static int may_be_lz_text(Core *c, const u8 *p, size_t n) {
    u32 *units = room(c, (n + 2) * 2 * sizeof *units);
    if (!units) return 1;
    size_t m = 0;
    int found = 0, of15 = 1;
    for (size_t i = 0; i < n; i++) units[i] = p[i];
    found = code_points_end(units, n, 8);
    for (size_t i = 0; i < n && !found; m++) {
        int more = p[i] < 0x80 ? 0 : p[i] < 0xE0 ? 1 : p[i] < 0xF0 ? 2 : 3;
        u32 point = more == 3 ? p[i] & 7u : more == 2 ? p[i] & 15u : more ? p[i] & 31u : p[i];
        for (int k = 1; k <= more; k++) point = point << 6 | (p[i + (size_t)k] & 63u);
        i += (size_t)more + 1;
        if (point > 0xFFFF) {
            units[m++] = 0xD800 + ((point - 0x10000) >> 10);
            point = 0xDC00 + ((point - 0x10000) & 0x3FF);
        }
        units[m] = point;
    }
    found = found || code_points_end(units, m, 16);
    if (m && units[m - 1] == 32) m--;
    for (size_t i = 0; i < m; i++) { of15 &= units[i] >= 32 && units[i] < 32 + (1 << 15); units[i] -= 32; }
    found = found || (of15 && code_points_end(units, m, 15));
    free(units);
    return found;
}

static int may_be_latin1(Core *c, const u8 *p, size_t n) {
    u8 *raw = room(c, n);
    if (!raw) return 1;
    size_t size = 0, high = 0;
    int good = 1;
    for (size_t i = 0; i < n && good; i++) {
        if (p[i] < 0x80) raw[size++] = p[i];
        else if ((p[i] == 0xC2 || p[i] == 0xC3) && i + 1 < n) { raw[size++] = (u8)(p[i] << 6 | (p[i + 1] & 63)); i++; high++; }
        else good = 0;
    }
    good = good && (begins_packed(raw, size) || (size >= 16 && 10 * high >= 9 * size) || is_utf8(raw, size));
    free(raw);
    return good;
}

/* Conditions that text and other bytes have in common. */
static u64 common_conditions(Core *c, const u8 *p, size_t n, u32 kinds) {
    const u64 *bit = c->layers.bits;
    u64 mask = magic_conditions(c, p, n);
    size_t at = blank(p, n);
    if ((kinds & (QUOTE | BRACKET)) && begins_json(p, n)) mask |= bit[L_JSON];
    if ((kinds & LINE) && begins(p + at, n - at, "--", 2)) mask |= bit[L_MULTIPART];
    if ((kinds & EQUALS) && begins_form(p, n)) mask |= bit[L_FORM];
    if (n >= 2 && (p[0] & 15) == 8 && (p[0] << 8 | p[1]) % 31 == 0) mask |= bit[L_ZLIB];
    if ((kinds & COLON) && n > 5 && (p[0] | 0x20) == 'd' && p[4] == ':') mask |= bit[L_DATA_URL];
    if ((kinds & COLON) && is_alpha(p[0])) {
        const u8 *sign = find(p, least(n, 32), "://", 3);
        if (sign) mask |= bit[L_URL];
    }
    if ((kinds & (BRACKET | COLON)) && may_be_socketio(p, n)) mask |= bit[L_SOCKETIO];
    if ((kinds & LINE) && may_be_stomp(p, n)) mask |= bit[L_STOMP];
    if ((kinds & LINE) && has_lines64(p, n)) mask |= bit[L_BASE64];
    for (const u8 *at = p; (at = memchr(at, 'J', n - (size_t)(at - p))); at++)
        if (at >= p + 2 && at[-1] == 'y' && at[-2] == 'e') { mask |= bit[L_JWT]; break; }
    u8 last = p[n - 1], before = n > 1 ? p[n - 2] : 0;
    if (n >= 18 && ((last == 0x1F && before == 0x8B) || (last == 0x28 && before == 0xB5) || (last == 'H' && before == '4')
                    || (last == 'e' && before == 'J') || (last == 'x' && memchr("\x01\x5e\x9c\xda", before, 4))
                    || last == '='))
        mask |= bit[L_REVERSE];
    return mask;
}

u64 text_conditions(Core *c, const u8 *p, size_t n, u32 kinds) {
    const u64 *bit = c->layers.bits;
    u64 mask = common_conditions(c, p, n, kinds);
    size_t at = blank(p, n);
    if ((kinds & AMPERSAND) && (kinds & SEMICOLON) && has_entity(p, n)) mask |= bit[L_ENTITIES];
    if (!(kinds & NO_45) && (kinds & (SIGN | WORDY | CAPITAL)) && n >= SHORTEST_BASE_N && n % 3 != 1) mask |= bit[L_BASE45];
    int may_be_85 = (kinds & SIGN) && n >= SHORTEST_BASE_N && ((kinds & WORDY) || n < SURELY_UUID);
    if (may_be_85 && !(kinds & NO_B85)) mask |= bit[L_BASE85];
    if ((may_be_85 && !(kinds & NO_A85)) || begins(p, n, "<~", 2)) mask |= bit[L_ASCII85];
    if ((!(kinds & NO_Z85) && n % 5 != 1) || !(kinds & NO_91)) {
        if (looks_drawn(c, p, n)) mask |= (kinds & NO_Z85 || n % 5 == 1 ? 0 : bit[L_Z85]) | (kinds & NO_91 ? 0 : bit[L_BASE91]);
    }
    if (may_be_uuencoded(p, n, kinds)) mask |= bit[L_UUENCODE];
    if ((kinds & EQUALS) && is_quoted(p, n)) mask |= bit[L_QUOTED];
    if ((is_hex(p[0]) || memchr("[({-\\", p[0], 5)) && n >= 7 && (may_be_byte_list(p, n) || may_be_words(p, n))) mask |= bit[L_BYTE_LIST];
    if (p[0] == '{' && begins(p + 1 + blank(p + 1, n - 1), n - 1 - blank(p + 1, n - 1), "\"0\"", 3)) mask |= bit[L_BYTE_LIST];
    if ((kinds & HIGH) && may_be_latin1(c, p, n)) mask |= bit[L_LATIN1];
    if (may_be_rot(p, n)) mask |= bit[L_ROT];
    if (p[0] == '\n' && is_protobuf(p, n)) mask |= bit[L_PROTOBUF];
    if (p[0] >= 0xDC && p[0] <= 0xDF) mask |= bit[L_MSGPACK];
    if ((kinds & (LINE | HIGH)) && are_delimited(p, n)) mask |= bit[L_DELIMITED];
    if ((kinds & HIGH) ? may_be_lz_text(c, p, n) : (kinds & PLUS) && is_line_of_signs(p, n, "+-$")) mask |= bit[L_LZ_STRING];
    if ((kinds & LESS) && at < n && (p[at] == '<' || p[at] == 0xEF)) mask |= bit[L_XML];
    if ((kinds & QUOTE) && may_be_graphql(p, n)) mask |= bit[L_GRAPHQL];
    if ((kinds & BACKSLASH) && is_javascript(p, n)) mask |= bit[L_JAVASCRIPT];
    if (find(p, n, "xn--", 4) || find(p, n, "XN--", 4)) mask |= bit[L_PUNYCODE];
    if (may_be_labels(c, p, n, kinds)) mask |= bit[L_LABELS];
    if (kinds & PLUS) mask |= bit[L_PERCENT];
    if (kinds & PERCENT)
        for (size_t i = 0; i < n; i++) if (is_escaped(p + i, n - i)) { mask |= bit[L_PERCENT]; break; }
    return mask & c->layers.on_text;
}

/* The same for other bytes, of what begins or is marked as text would be. */
u64 packed_conditions(Core *c, const u8 *p, size_t n, u32 kinds) {
    const u64 *bit = c->layers.bits;
    u64 mask = common_conditions(c, p, n, kinds);
    int utf8 = is_utf8(p, n);
    if (utf8 && (kinds & HIGH) && may_be_latin1(c, p, n)) mask |= bit[L_LATIN1];
    if (utf8 && (kinds & RECORD)) mask |= bit[L_RECORDS];
    if (is_utf8_in_halves(p, n)) mask |= bit[L_LZ_STRING];
    if ((kinds & PLUS) && !(kinds & CONTROL)) mask |= bit[L_PERCENT]; /* text in a charset of its own */
    for (size_t i = 0; (kinds & PERCENT) && i < n; i++) if (is_escaped(p + i, n - i)) { mask |= bit[L_PERCENT]; break; }
    return mask;
}

/* --- What some of them give --- */

u8 *unquoted(Core *c, const u8 *p, size_t n, int plus, size_t *size) {
    u8 *out = room(c, n);
    if (!out) return NULL;
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_escaped(p + i, n - i)) {
            out[m++] = (u8)(hex_digit(p[i + 1]) << 4 | hex_digit(p[i + 2]));
            i += 2;
        } else out[m++] = plus && p[i] == '+' ? ' ' : p[i];
    }
    *size = m;
    return out;
}

static int percent(Core *c, const u8 *p, size_t n) {
    int found = NOTHING;
    for (int plus = 0; plus < 2 && !(found & SUSPECT); plus++) {
        size_t size = 0;
        u8 *out = unquoted(c, p, n, plus, &size);
        if (!out) return SUSPECT;
        u32 doubt = c->doubt;
        if (plus) c->doubt |= BESIDE;
        if (size != n || memcmp(out, p, n)) found |= value(c, out, size);
        c->doubt = doubt;
        free(out);
    }
    return found;
}

/* Names and values, parted by a sign; white space around them left out. */
int fields(Core *c, const u8 *p, size_t n, u8 separator) {
    int found = NOTHING;
    Row row = {0};
    for (size_t start = 0; start <= n;) {
        const u8 *end = memchr(p + start, separator, n - start);
        size_t stop = end ? (size_t)(end - p) : n;
        const u8 *equals = memchr(p + start, '=', stop - start);
        size_t name = start, name_end = equals ? (size_t)(equals - p) : stop;
        if (equals) {
            size_t from = (size_t)(equals - p) + 1, to = stop;
            while (separator == ';' && from < to && p[from] == ' ') from++;
            while (separator == ';' && from < to && p[to - 1] == ' ') to--;
            note_value(&row, p + from, to - from);
            ALSO(found, value(c, p + from, to - from));
            size_t filled = stop;
            while (filled > start && p[filled - 1] == '=') filled--;
            if (filled <= (size_t)(equals - p)) ALSO(found, value(c, p + start, stop - start)); /* base64 and its filling */
        }
        while (name < name_end && is_space(p[name])) name++;
        while (name < name_end && is_space(p[name_end - 1])) name_end--;
        note_value(&row, p + name, name_end - name);
        ALSO(found, value(c, p + name, name_end - name));
        start = stop + 1;
    }
    return says_something(&row) ? SUSPECT : found;
}

int segments(Core *c, const u8 *p, size_t n) {
    int found = NOTHING;
    Row row = {0};
    for (size_t start = 0, i = 0; i <= n; i++) {
        if (i < n && p[i] != '/') continue;
        note_value(&row, p + start, i - start);
        ALSO(found, value(c, p + start, i - start));
        start = i + 1;
    }
    return says_something(&row) ? SUSPECT : found;
}

/* Host, path, query and fragment, more of them than the layer cuts out. */
static int url(Core *c, const u8 *p, size_t n) {
    int found = NOTHING;
    size_t start = (size_t)(find(p, n, "://", 3) - p) + 3;
    const u8 *query = memchr(p + start, '?', n - start), *fragment = memchr(p + start, '#', n - start);
    size_t end = fragment ? (size_t)(fragment - p) : n;
    size_t path_end = query && query < p + end ? (size_t)(query - p) : end;
    ALSO(found, segments(c, p + start, path_end - start));
    if (path_end < end) ALSO(found, fields(c, p + path_end + 1, end - path_end - 1, '&'));
    return end < n ? found | value(c, p + end + 1, n - end - 1) : found;
}

static int base45(Core *c, const u8 *p, size_t n, u8 *out) {
    size_t size = 0;
    for (size_t i = 0; i < n; i += 3) {
        size_t m = least(3, n - i);
        u32 number = 0, place = 1;
        for (size_t k = 0; k < m; k++, place *= 45) number += (u32)(strchr(B45, p[i + k]) - B45) * place;
        if (number >> 8 * (m - 1)) return NOTHING;
        if (m == 3) out[size++] = (u8)(number >> 8);
        out[size++] = (u8)number;
    }
    return guess(c, out, size);
}

/* Groups of five characters, the last one filled up; with the trailing zeros that filling left, and without. */
static int base85(Core *c, const u8 *p, size_t n, u8 *out, const u8 *table, int filled_with_zeros) {
    size_t size = 0, missing = (5 - n % 5) % 5;
    for (size_t i = 0; i < n + missing;) {
        if (i < n && p[i] == 'z' && table['z'] > 84) { /* four zeros, as Adobe writes them */
            memset(out + size, 0, 4);
            size += 4;
            i++;
            missing = (5 - (n - i) % 5) % 5;
            continue;
        }
        u64 number = 0;
        for (int k = 0; k < 5; k++, i++) {
            u32 digit = i < n ? table[p[i]] : 84;
            if (digit > 84) return NOTHING;
            number = number * 85 + digit;
        }
        if (number >> 32) return NOTHING;
        for (int shift = 24; shift >= 0; shift -= 8) out[size++] = (u8)(number >> shift);
    }
    size -= least(missing, size);
    int found = guess(c, out, size);
    if (filled_with_zeros && !missing && !(found & SUSPECT)) {
        size_t bare = size;
        while (bare && !out[bare - 1]) bare--;
        if (bare < size) found |= guess(c, out, bare);
    }
    return found;
}

static int base91(Core *c, const u8 *p, size_t n, u8 *out, const u8 *table) {
    u32 held = 0, bits = 0;
    size_t size = 0, i = 0;
    for (; i + 1 < n; i += 2) {
        u32 pair = table[p[i]] + table[p[i + 1]] * 91u, width = (pair & 8191) > 88 ? 13 : 14;
        held |= pair << bits;
        for (bits += width; bits > 7; bits -= 8, held >>= 8) out[size++] = (u8)held;
    }
    if (n % 2) out[size++] = (u8)(held | (u32)table[p[n - 1]] << bits);
    return guess(c, out, size);
}

static void table_of(u8 *table, const char *alphabet) {
    memset(table, 255, 256);
    for (int i = 0; alphabet[i]; i++) table[(u8)alphabet[i]] = (u8)i;
}

static int alphabets(Core *c, const u8 *p, size_t n, u64 mask) {
    const u64 *bit = c->layers.bits;
    if (n > LONGEST_BASE_N) return SUSPECT;
    u8 table[256], *out = room(c, 4 * n + 16);
    if (!out) return SUSPECT;
    int found = NOTHING;
    u32 doubt = c->doubt;
    c->doubt |= GUESSED;
    if (mask & bit[L_BASE45]) found |= base45(c, p, n, out);
    if ((mask & bit[L_BASE85]) && !(found & SUSPECT)) {
        table_of(table, B85);
        found |= base85(c, p, n, out, table, 0);
    }
    if ((mask & bit[L_ASCII85]) && !(found & SUSPECT)) {
        memset(table, 255, 256);
        for (int i = 0; i < 85; i++) table['!' + i] = (u8)i;
        found |= base85(c, p, n, out, table, 0);
    }
    if ((mask & bit[L_Z85]) && !(found & SUSPECT)) {
        table_of(table, Z85);
        found |= base85(c, p, n, out, table, 1);
    }
    if ((mask & bit[L_BASE91]) && !(found & SUSPECT)) {
        table_of(table, B91);
        found |= base91(c, p, n, out, table);
    }
    c->doubt = doubt;
    free(out);
    return found;
}

/* Does what it can of *mask* here, and takes it out of that. */
int open_natively(Core *c, const u8 *p, size_t n, u64 *mask) {
    const u64 *bit = c->layers.bits;
    u64 ascii85 = begins(p, n, "<~", 2) ? 0 : bit[L_ASCII85];
    u64 here = *mask & (bit[L_BASE45] | bit[L_BASE85] | ascii85 | bit[L_Z85] | bit[L_BASE91]);
    int found = NOTHING;
    if (here) ALSO(found, alphabets(c, p, n, here));
    if (*mask & bit[L_PERCENT]) ALSO(found, percent(c, p, n));
    if (*mask & bit[L_FORM]) ALSO(found, fields(c, p, n, '&'));
    if (*mask & bit[L_URL]) ALSO(found, url(c, p, n));
    *mask &= ~(here | bit[L_PERCENT] | bit[L_FORM] | bit[L_URL]);
    return found;
}
