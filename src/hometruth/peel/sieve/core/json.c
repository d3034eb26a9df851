/* JSON documents (RFC 8259): what in them may hold something is opened string by string.

   Only what is a document to its last byte is read here; whatever else begins like one is left to the real layer.
   The bytes of a document are searched as a whole, and so are its words: of its strings only those that a layer may
   open are looked into, and those with escapes. */
#include "core.h"

enum { MAX_NESTING = 500, LEAST_ITEMS = 4, LONGEST_STRING = 80, LONGEST_SMALL = 4, LONGEST_INT = 11,
       ESCAPED_CHARACTER = 6, MOST_STRINGS = 90000 };

typedef struct {
    size_t start, count, first_length, last_length;
    int is_object, small_numbers, numbers, strings, alike, all_numeric, counts;
} Open;

typedef struct {
    Core *core;
    const u8 *p;
    size_t n, at, depth, n_strings;
    Row row;
    Open stack[MAX_NESTING];
} Reader;

static int unit_of(const u8 *p) {
    int unit = 0;
    for (int i = 0; i < 4; i++) unit = unit << 4 | hex_digit(p[i]);
    return unit;
}

static size_t put_utf8(u8 *out, u32 point) {
    if (point < 0x80) { out[0] = (u8)point; return 1; }
    if (point < 0x800) { out[0] = (u8)(0xC0 | point >> 6); out[1] = (u8)(0x80 | (point & 63)); return 2; }
    if (point < 0x10000) {
        out[0] = (u8)(0xE0 | point >> 12); out[1] = (u8)(0x80 | (point >> 6 & 63)); out[2] = (u8)(0x80 | (point & 63));
        return 3;
    }
    out[0] = (u8)(0xF0 | point >> 18); out[1] = (u8)(0x80 | (point >> 12 & 63));
    out[2] = (u8)(0x80 | (point >> 6 & 63)); out[3] = (u8)(0x80 | (point & 63));
    return 4;
}

/* The escapes of a string that has none but those of JSON, undone; lone surrogates stay as they are. */
static size_t unescape(u8 *out, const u8 *p, size_t n) {
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] != '\\') { out[size++] = p[i]; continue; }
        i++;
        switch (p[i]) {
        case 'n': out[size++] = '\n'; break;
        case 't': out[size++] = '\t'; break;
        case 'r': out[size++] = '\r'; break;
        case 'b': out[size++] = '\b'; break;
        case 'f': out[size++] = '\f'; break;
        case 'u': {
            u32 unit = (u32)unit_of(p + i + 1);
            i += 4;
            if (unit >= 0xD800 && unit < 0xDC00 && i + 6 < n && p[i + 1] == '\\' && p[i + 2] == 'u') {
                u32 next = (u32)unit_of(p + i + 3);
                if (next >= 0xDC00 && next < 0xE000) {
                    unit = 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00);
                    i += 6;
                }
            }
            size += put_utf8(out + size, unit);
            break;
        }
        default: out[size++] = p[i];
        }
    }
    return size;
}

/* A string as it is written between its quotes. */
static int string(Reader *r, const u8 *p, size_t n, u32 kinds) {
    Core *c = r->core;
    if (n == 1 || ((kinds & HIGH) && n <= LONGEST_CHARACTER) || ((kinds & BACKSLASH) && n == ESCAPED_CHARACTER))
        note_character(&r->row, p, n);
    if (!(kinds & BACKSLASH)) {
        int inside = 0;
        return n < SHORTEST ? NOTHING : open_text(c, p, n, kinds, &inside);
    }
    u8 few[512], *out = n + 8 <= sizeof few ? few : room(c, n + 8);
    if (!out) return SUSPECT;
    int found = value(c, out, unescape(out, p, n));
    if (out != few) free(out);
    return found;
}

/* Numbers in brackets that may be bytes. */
static int bytes_of(Reader *r, const Open *list) {
    const u8 *p = r->p + list->start, *end = r->p + r->at;
    u8 *out = room(r->core, list->count);
    if (!out) return SUSPECT;
    size_t size = 0;
    int found = NOTHING;
    while (p < end && size < list->count) {
        while (p < end && *p != '-' && !is_digit(*p)) p++;
        int negative = p < end && *p == '-', number = 0;
        if (negative) p++;
        while (p < end && is_digit(*p)) number = number * 10 + (*p++ - '0');
        if (number > (negative ? 128 : 255)) { size = 0; break; }
        out[size++] = (u8)(negative ? -number : number);
    }
    if (size == list->count) found = value(r->core, out, size);
    free(out);
    return found;
}

static int closed(Reader *r) {
    const Open *one = r->stack + r->depth;
    Core *c = r->core;
    if (one->count < LEAST_ITEMS) return NOTHING;
    const u8 *text = r->p + one->start;
    size_t size = r->at - one->start;
    if (one->is_object)
        return one->counts ? look(c, text, size, c->layers.bits[L_BYTE_LIST], IS_TEXT) : NOTHING;
    int found = one->small_numbers ? bytes_of(r, one) : NOTHING;
    if (one->numbers && may_be_words(text, size)) ALSO(found, look(c, text, size, c->layers.bits[L_BYTE_LIST], IS_TEXT));
    if (one->numbers) return found;
    if (!one->strings || !((one->alike && one->last_length <= one->first_length) || one->all_numeric)) return NOTHING;
    return look(c, text, size, 0, IS_TEXT | SPELLED);
}

static void skip_space(Reader *r) {
    while (r->at < r->n && memchr(" \t\r\n", r->p[r->at], 4)) r->at++;
}

/* Where a string ends, its closing quote; 0 if it has none, or what cannot stand in one. */
static size_t string_end(const Core *c, const u8 *p, size_t n, size_t at, u32 *kinds) {
    for (; at < n; at++) {
        u8 byte = p[at];
        if (byte == '"') return at;
        if (byte < 0x20) return 0;
        *kinds |= c->layers.kinds[byte];
        if (byte == '\\') {
            if (++at >= n || !memchr("\"\\/bfnrtu", p[at], 9)) return 0;
            if (p[at] == 'u') {
                if (at + 4 >= n) return 0;
                for (size_t i = 1; i <= 4; i++) if (hex_digit(p[at + i]) > 15) return 0;
                at += 4;
            }
        }
    }
    return 0;
}

static size_t number_end(const u8 *p, size_t n, size_t at) {
    size_t digits = at += at < n && p[at] == '-';
    while (at < n && is_digit(p[at])) at++;
    if (at == digits || (p[digits] == '0' && at > digits + 1)) return 0;
    if (at < n && p[at] == '.') {
        digits = ++at;
        while (at < n && is_digit(p[at])) at++;
        if (at == digits) return 0;
    }
    if (at < n && (p[at] | 0x20) == 'e') {
        at++;
        if (at < n && (p[at] == '+' || p[at] == '-')) at++;
        digits = at;
        while (at < n && is_digit(p[at])) at++;
        if (at == digits) return 0;
    }
    return at;
}

static int is_code_letter(u8 c) { return is_alnum(c) || c == '+' || c == '/' || c == '=' || c == '_' || c == '-'; }

static void note_item(Open *top, int kind, const u8 *p, size_t n) {
    if (kind != '0' || n > LONGEST_SMALL || n - (p[0] == '-') > 3 || memchr(p, '.', n) || memchr(p, 'e', n) || memchr(p, 'E', n))
        top->small_numbers = 0;
    if (kind != '0' || n > LONGEST_INT) top->numbers = 0;
    if (kind != '"' || !n || n > LONGEST_STRING) top->strings = 0;
    for (size_t i = 0; top->strings && i < n; i++) top->strings = is_code_letter(p[i]);
    if (top->strings) {
        if (!top->count) top->first_length = n;
        else if (top->count > 1 && top->last_length != top->first_length) top->alike = 0;
        size_t digits = n - (p[0] == '-');
        if (digits < 1 || digits > 3) top->all_numeric = 0;
        for (size_t i = n - digits; top->all_numeric && i < n; i++) top->all_numeric = is_digit(p[i]);
        top->last_length = n;
    }
    top->count++;
}

/* One value that is no container's end; *found* gets what is in it. False if it is no JSON. */
static int item(Reader *r, int *found) {
    const u8 *p = r->p;
    Open *top = r->depth ? r->stack + r->depth - 1 : NULL;
    u8 byte = p[r->at];
    size_t start = r->at, end;
    if (byte == '{' || byte == '[') {
        if (top) note_item(top, byte, p, 0);
        if (r->depth == MAX_NESTING) return 0;
        r->stack[r->depth++] = (Open){.start = start, .is_object = byte == '{', .small_numbers = 1, .numbers = 1, .strings = 1,
                                      .alike = 1, .all_numeric = 1};
        r->at++;
        return 1;
    }
    if (byte == '"') {
        u32 kinds = 0;
        if (!(end = string_end(r->core, p, r->n, start + 1, &kinds)) || ++r->n_strings > MOST_STRINGS) return 0;
        if (top) note_item(top, byte, p + start + 1, end - start - 1);
        r->at = end + 1;
        *found |= string(r, p + start + 1, end - start - 1, kinds);
        return 1;
    }
    if (byte == '-' || is_digit(byte)) {
        if (!(end = number_end(p, r->n, start)) || ++r->n_strings > MOST_STRINGS) return 0;
        if (top) note_item(top, '0', p + start, end - start);
    } else {
        const char *const names[] = {"true", "false", "null"};
        end = 0;
        for (int i = 0; i < 3 && !end; i++)
            if (begins(p + start, r->n - start, names[i], strlen(names[i]))) end = start + strlen(names[i]);
        if (!end) return 0;
        if (top) note_item(top, 'n', p + start, 0);
    }
    r->at = end;
    return 1;
}

/* A key and its colon. */
static int key(Reader *r, int *found) {
    Open *top = r->stack + r->depth - 1;
    u32 kinds = 0;
    skip_space(r);
    if (r->at >= r->n || r->p[r->at] != '"') return 0;
    size_t start = r->at + 1, end = string_end(r->core, r->p, r->n, start, &kinds);
    if (!end || ++r->n_strings > MOST_STRINGS) return 0;
    if (!top->count && end == start + 1 && r->p[start] == '0') top->counts = 1;
    *found |= string(r, r->p + start, end - start, kinds);
    r->at = end + 1;
    skip_space(r);
    if (r->at >= r->n || r->p[r->at] != ':') return 0;
    r->at++;
    skip_space(r);
    return r->at < r->n;
}

/* Containers that end here, and the comma before the next value. False if it is no JSON. */
static int after_item(Reader *r, int *found) {
    while (r->depth) {
        Open *top = r->stack + r->depth - 1;
        skip_space(r);
        if (r->at >= r->n) return 0;
        u8 byte = r->p[r->at];
        if (byte == (top->is_object ? '}' : ']')) {
            r->at++;
            r->depth--;
            *found |= closed(r);
            continue;
        }
        if (byte == ',') {
            if (!top->count) return 0;
            r->at++;
        } else if (top->count) return 0;
        skip_space(r);
        return r->at < r->n && (!top->is_object || key(r, found));
    }
    return 1;
}

static int one_document(Reader *r, int *found) {
    r->depth = 0;
    do {
        if (*found & SUSPECT) return 1;
        if (!item(r, found) || !after_item(r, found)) return 0;
    } while (r->depth);
    return 1;
}

/* What the strings of one document hold, or of several one after the other; *is_document* tells if these are some. */
int document(Core *c, const u8 *p, size_t n, int *is_document) {
    Reader *r = room(c, sizeof *r);
    if (!r) return SUSPECT;
    memset(r, 0, offsetof(Reader, stack));
    r->core = c; r->p = p; r->n = n;
    int found = NOTHING, good = 1;
    r->at = begins(p, n, "\xEF\xBB\xBF", 3) ? 3 : 0;
    for (skip_space(r); good && r->at < n && !(found & SUSPECT); skip_space(r)) {
        u8 byte = p[r->at];
        good = (byte == '{' || byte == '[' || (byte == '"' && !r->n_strings)) && one_document(r, &found);
    }
    if (says_something(&r->row)) found |= SUSPECT;
    free(r);
    *is_document = good;
    return found;
}
