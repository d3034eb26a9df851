/* Stretches of letters and digits that may be other bytes: cut out, and decoded in every alphabet they are in.

   More than the layers take for an encoding, never less; what comes out is sifted like any value. */
#include "core.h"

enum { LOW_HEX = 1, UP_HEX = 2, LOW = 4, UP = 8, DIGIT = 16, STANDARD = 32, URL = 64, ALNUM = 31 };
enum {
    SHORTEST_WORD = 8, SHORTEST_DIGEST = 6, SURELY_HEX = 16, SHORTEST_OTHERWISE = 20, SHORTEST_DECIMAL = 20,
    SHORTEST_NETBIOS = 16, LONGEST_OTHERWISE = 1 << 20, MOST_CODES = 256, NO = 255,
    LONG_FOR_WORDS = SMALLEST_OPAQUE * 4 / 3 + 1,
};

#define LETTERS_UP "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LETTERS_LOW "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
static const char *const ALPHABETS64[] = {
    /* As in `layers/base64_variants.py`: other orders, which a test compares with those there. */
    LETTERS_LOW LETTERS_UP DIGITS "+/", DIGITS LETTERS_UP LETTERS_LOW "+/", DIGITS LETTERS_LOW LETTERS_UP "+/",
    "ZmserbBoHQtNP+wOcza/LpngG8yJq42KWYj0DSfdikx3VT16IlUAFM97hECvuRX5",
};
enum { N_ORDERS = 4, MOST_IN_FRONT = 3 };

static u8 class_of[256], hex_of[256], of64[256], orders64[N_ORDERS][256], of32[256], of32hex[256], of_crockford[256],
    of_zooko[256], of58[256], of62[256], of62_low[256], of36[256], of_lz[256], of_lz_uri[256];

static void digits_of(u8 *table, const char *alphabet) {
    memset(table, NO, 256);
    for (int i = 0; alphabet[i]; i++) table[(u8)alphabet[i]] = (u8)i;
}

static void caseless(u8 *table) {
    for (int i = 'a'; i <= 'z'; i++) {
        if (table[i] == NO) table[i] = table[i - 32];
        else table[i - 32] = table[i];
    }
}

void words_begin(void) {
    memset(hex_of, NO, 256);
    for (int i = 0; i < 256; i++) {
        u8 c = (u8)i;
        int hex = is_alpha(c) && (c | 0x20) <= 'f';
        class_of[i] = (u8)(is_digit(c) ? DIGIT : c == '+' || c == '/' ? STANDARD : c == '-' || c == '_' ? URL
                           : !is_alpha(c) ? 0 : c >= 'a' ? (hex ? LOW_HEX : LOW) : (hex ? UP_HEX : UP));
        if (is_digit(c)) hex_of[i] = (u8)(c - '0');
        else if (hex) hex_of[i] = (u8)((c | 0x20) - 'a' + 10);
    }
    digits_of(of64, LETTERS_UP LETTERS_LOW DIGITS "+/");
    digits_of(of_lz, LETTERS_UP LETTERS_LOW DIGITS "+/");
    digits_of(of_lz_uri, LETTERS_UP LETTERS_LOW DIGITS "+-");
    of_lz['-'] = 63;
    of64['-'] = 62;
    of64['_'] = 63;
    for (int i = 0; i < N_ORDERS; i++) {
        digits_of(orders64[i], ALPHABETS64[i]);
        if (orders64[i]['-'] == NO) orders64[i]['-'] = 62;
        if (orders64[i]['_'] == NO) orders64[i]['_'] = 63;
    }
    digits_of(of32, LETTERS_UP "234567");
    digits_of(of32hex, DIGITS "ABCDEFGHIJKLMNOPQRSTUV");
    digits_of(of_crockford, DIGITS "abcdefghjkmnpqrstvwxyz");
    digits_of(of_zooko, "ybndrfg8ejkmcpqxot1uwisza345h769");
    digits_of(of36, DIGITS LETTERS_LOW);
    caseless(of32);
    caseless(of32hex);
    caseless(of_crockford);
    caseless(of_zooko);
    caseless(of36);
    digits_of(of58, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
    digits_of(of62, DIGITS LETTERS_UP LETTERS_LOW);
    digits_of(of62_low, DIGITS LETTERS_LOW LETTERS_UP);
}

int hex_digit(u8 c) { return hex_of[c]; }

/* True for what an alphabet is believed by where it proves nothing itself: text, or a compressed stream. */
static int may_be_read(const Core *c, const u8 *p, size_t n) {
    return n >= SHORTEST && (is_text(c, p, n) || begins_packed(p, n));
}

/* Bits of each digit one after the other, what is left at the end cut off; 0 bytes if a character is none. */
static size_t from_bits(u8 *out, const u8 *w, size_t n, const u8 *table, int width) {
    u32 held = 0;
    int bits = 0;
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        u8 digit = table[w[i]];
        if (digit == NO) return 0;
        held = held << width | digit;
        bits += width;
        if (bits >= 8) { bits -= 8; out[size++] = (u8)(held >> bits); }
    }
    return size;
}

/* A number in some base, zeros in front of it as zero bytes; 0 bytes if a character is no digit. */
static size_t from_number(u8 *out, const u8 *w, size_t n, const u8 *table, u32 base, u32 *limbs) {
    size_t n_limbs = 0, zeros = 0, size = 0;
    while (zeros < n && table[w[zeros]] == 0) zeros++;
    for (size_t i = zeros; i < n;) {
        u32 chunk = 0, times = 1;
        for (int k = 0; k < 5 && i < n; k++, i++) { /* 62^5 < 2^32 */
            if (table[w[i]] == NO) return 0;
            chunk = chunk * base + table[w[i]];
            times *= base;
        }
        u64 carry = chunk;
        for (size_t k = 0; k < n_limbs; k++) {
            carry += (u64)limbs[k] * times;
            limbs[k] = (u32)carry;
            carry >>= 32;
        }
        if (carry) limbs[n_limbs++] = (u32)carry;
    }
    memset(out, 0, zeros);
    size = zeros;
    for (size_t k = n_limbs; k--;)
        for (int shift = 24; shift >= 0; shift -= 8) {
            u8 byte = (u8)(limbs[k] >> shift);
            if (byte || size > zeros) out[size++] = byte;
        }
    return size;
}

/* The same groups of five bits read from the right, as one number. */
static size_t from_right(u8 *out, const u8 *w, size_t n, const u8 *table) {
    size_t size = (n * 5 + 7) / 8, at = size;
    u32 held = 0;
    int bits = 0;
    for (size_t i = n; i--;) {
        held |= (u32)table[w[i]] << bits;
        bits += 5;
        if (bits >= 8) { out[--at] = (u8)held; held >>= 8; bits -= 8; }
    }
    if (at) out[--at] = (u8)held;
    size_t zeros = 0;
    while (zeros < size && !out[zeros]) zeros++;
    memmove(out, out + zeros, size - zeros);
    return size - zeros;
}

static int is_other_text(Core *c, u8 *out, const u8 *w, size_t n, const u8 *table) {
    u8 head[6];
    if (n < 8 || from_bits(head, w, 8, table, 6) != 6) return NOTHING;
    int packed = begins_packed(head, 6);
    for (int i = 0; !packed && i < 6; i++) /* text begins with text, but for a character that is cut */
        if (c->layers.kinds[head[i]] & CONTROL) return NOTHING;
    if (!packed && (head[0] & 0xC0) == 0x80) return NOTHING;
    size_t size = from_bits(out, w, n % 4 == 1 ? n - 1 : n, table, 6);
    return may_be_read(c, out, size) ? value(c, out, size) : NOTHING;
}

static int numbers(Core *c, u8 *out, const u8 *w, size_t n, int flags) {
    u32 *limbs = room(c, (n + 8) * sizeof *limbs);
    if (!limbs) return SUSPECT;
    int found = NOTHING, low = flags & (LOW | LOW_HEX), up = flags & (UP | UP_HEX);
    size_t size;
    if (low && up) {
        const struct { const u8 *table; u32 base; } each[] = {{of58, 58}, {of62, 62}, {of62_low, 62}};
        for (int i = 0; i < 3 && !(found & SUSPECT); i++)
            if ((size = from_number(out, w, n, each[i].table, each[i].base, limbs))) found |= guess(c, out, size);
    } else {
        int decimal = flags == DIGIT, mixed = (flags & DIGIT) && (low || up);
        if (mixed || (decimal && n >= SHORTEST_DECIMAL)) {
            size = from_number(out, w, n, decimal ? hex_of : of36, decimal ? 10 : 36, limbs);
            if (may_be_read(c, out, size)) found |= value(c, out, size);
        }
    }
    free(limbs);
    return found;
}

static int of_one_case(Core *c, u8 *out, const u8 *w, size_t n, int flags, int hexadecimal) {
    int found = NOTHING;
    size_t size;
    if ((size = from_bits(out, w, n, of32, 5))) ALSO(found, guess(c, out, size));
    if (!hexadecimal && (size = from_bits(out, w, n, of32hex, 5))) ALSO(found, guess(c, out, size));
    if ((flags & DIGIT) && (flags & ~DIGIT)) {
        if ((size = from_bits(out, w, n, of_crockford, 5))) {
            if (may_be_read(c, out, size)) ALSO(found, value(c, out, size));
            size = from_right(out, w, n, of_crockford);
            if (may_be_read(c, out, size)) ALSO(found, value(c, out, size));
        }
        if ((size = from_bits(out, w, n, of_zooko, 5)) && may_be_read(c, out, size)) ALSO(found, value(c, out, size));
    }
    if (!(flags & DIGIT) && n >= SHORTEST_NETBIOS && n % 2 == 0) {
        for (size = 0; size < n / 2; size++) {
            u8 high = (u8)((w[2 * size] | 0x20) - 'a'), low = (u8)((w[2 * size + 1] | 0x20) - 'a');
            if (high > 15 || low > 15) return found;
            out[size] = (u8)(high << 4 | low);
        }
        while (size && !out[size - 1]) size--;
        if (may_be_read(c, out, size)) found |= value(c, out, size);
    }
    return found;
}

/* True if codes of LZ-string, in units of so many bits, come to an end mark, and then padding. */
int code_points_end(const u32 *units, size_t n, int width) {
    size_t end = n * (size_t)width, at = 2;
#define BIT(i) ((i) < end ? units[(i) / (size_t)width] >> ((size_t)width - 1 - (i) % (size_t)width) & 1 : 0)
    if (end < 12 || BIT(1)) return 0;
    at += BIT(0) ? 16 : 8;
    u32 code_bits = 3, until_longer = 4, known = 4;
    for (int codes = 0; codes < MOST_CODES; codes++) {
        if (at + code_bits > end) return 0;
        u32 code = 0;
        for (u32 i = 0; i < code_bits; i++) code |= (u32)BIT(at + i) << i;
        at += code_bits;
        if (code == 2) {
            if (end - at >= 3 * (size_t)width) return 0;
            while (at < end && !BIT(at)) at++;
            return at >= end;
        }
        int is_new = code < 2;
        if (!is_new && code > known) return 0;
        at += is_new ? (code ? 16 : 8) : 0;
        known += 1 + (u32)is_new;
        for (int i = 0; i <= is_new; i++)
            if (!--until_longer) until_longer = 1u << code_bits++;
        if (code_bits > 24) return 1;
    }
#undef BIT
    return 1;
}

static int may_be_lz(Core *c, const u8 *w, size_t n) {
    if (!c->layers.bits[L_LZ_STRING] || !(of_lz[w[0]] < 16 || (of_lz[w[0]] >= 32 && of_lz[w[0]] < 48))) return NOTHING;
    u32 *units = room(c, n * sizeof *units);
    if (!units) return SUSPECT;
    for (size_t i = 0; i < n; i++) units[i] = of_lz[w[i]];
    int ends = code_points_end(units, n, 6);
    for (size_t i = 0; i < n; i++) units[i] = of_lz_uri[w[i]] == NO ? 0 : of_lz_uri[w[i]];
    ends = ends || code_points_end(units, n, 6);
    free(units);
    return ends ? look(c, w, n, c->layers.bits[L_LZ_STRING], IS_TEXT) : NOTHING;
}

/* A word in every alphabet it may be of. */
static int decode(Core *c, u8 *out, const u8 *w, size_t n, int flags) {
    int found = NOTHING, hexadecimal = !(flags & (LOW | UP | STANDARD | URL)), is_signed = flags & (STANDARD | URL);
    int both = (flags & (LOW | LOW_HEX)) && (flags & (UP | UP_HEX));
    int wordy = flags == DIGIT || (n >= SURELY_HEX && (flags == (DIGIT | LOW_HEX) || flags == (DIGIT | UP_HEX)
                                                       || !(flags & ~(LOW_HEX | LOW | STANDARD | URL))));
    size_t size;
    if (hexadecimal && n % 2 == 0 && (size = from_bits(out, w, n, hex_of, 4))) ALSO(found, value(c, out, size));
    if (!is_signed && n % 2 == 0 && w[0] == '0' && (w[1] | 0x20) == 'x' && n >= 18
        && (size = from_bits(out, w + 2, n - 2, hex_of, 4)))
        ALSO(found, value(c, out, size));
    if (!wordy && (size = from_bits(out, w, n % 4 == 1 ? n - 1 : n, of64, 6))) ALSO(found, value(c, out, size));
    if (wordy && (flags & DIGIT) && n >= LONG_FOR_WORDS && (size = from_bits(out, w, n % 4 == 1 ? n - 1 : n, of64, 6)))
        found |= holds_opaque(c, out, size) ? OPAQUE : NOTHING; /* too long for words: base64 that nobody can read */
    if (both && !hexadecimal && n >= SHORTEST_OTHERWISE && n <= LONGEST_OTHERWISE) {
        for (int i = 0; i < N_ORDERS; i++) ALSO(found, is_other_text(c, out, w, n, orders64[i]));
        for (size_t i = 1; i <= MOST_IN_FRONT; i++) ALSO(found, is_other_text(c, out, w + i, n - i, of64));
    }
    if (!is_signed && !both) ALSO(found, of_one_case(c, out, w, n, flags, hexadecimal));
    if (!is_signed && n <= LONGEST_NUMBER) ALSO(found, numbers(c, out, w, n, flags));
    ALSO(found, may_be_lz(c, w, n));
    return found;
}

static int word(Core *c, const u8 *w, size_t n, int flags) {
    if (n > LONGEST_WORD) return SUSPECT;
    if (n < SURELY_HEX && (n < SHORTEST_WORD || flags == DIGIT)) return NOTHING;
    u64 hash = n <= LONGEST_KNOWN ? hash_of(c, w, n, (u64)c->doubt << 32 | 1) : 0;
    if (hash && is_known(c, hash)) return NOTHING;
    u8 few[512], *out = n + 16 <= sizeof few ? few : room(c, n + 16);
    if (!out) return SUSPECT;
    u32 doubt = c->doubt;
    c->doubt |= GUESSED;
    int found = decode(c, out, w, n, flags);
    c->doubt = doubt;
    if (out != few) free(out);
    if (!found && hash) note_known(c, hash);
    return found;
}

int is_read_word(Core *c, const u8 *w, size_t n) {
    int flags = 0;
    if (n > LONGEST_WORD) return 1;
    for (size_t i = 0; i < n; i++) flags |= class_of[w[i]];
    u8 *out = room(c, n + 16);
    if (!out) return 1;
    int found = decode(c, out, w, n, flags);
    free(out);
    return (found & ~OPAQUE) != NOTHING;
}

/* True where a backslash begins an escape, or a percent sign does: a stretch that one cuts short stands whole
   where escapes have been undone. */
static int is_cut(const u8 *p, size_t n, size_t at, int is_document) {
    if (at >= n) return 0;
    if (p[at] == '\\') return is_document;
    return p[at] == '%' && is_escaped(p + at, n - at);
}

typedef struct { size_t start; int flags, inside; } Run;

int words_in(Core *c, const u8 *p, size_t n, int is_document) {
    static const int alphabets[3] = {ALNUM, ALNUM | STANDARD, ALNUM | URL};
    Run runs[3] = {{0, 0, 0}, {0, 0, 0}, {0, 0, 0}};
    int found = NOTHING;
    /* Only how it begins, up to the first plus that became a space, is there in the other reading, too. */
    const u8 *space = c->doubt & BESIDE ? memchr(p, ' ', n) : NULL;
    for (size_t i = 0; i <= n; i++) {
        int kind = i < n ? class_of[p[i]] : 0;
        for (int k = 0; k < 3; k++) {
            Run *run = runs + k;
            if (kind & alphabets[k]) {
                if (!run->inside) { run->inside = 1; run->start = i; run->flags = 0; }
                run->flags |= kind;
            } else if (run->inside) {
                run->inside = 0;
                size_t size = i - run->start;
                const u8 *w = p + run->start;
                if (size < SHORTEST_DIGEST || is_cut(p, n, i, is_document)) continue;
                if (k && !(run->flags & (STANDARD | URL))) continue;
                int hexadecimal = !(run->flags & ~(LOW_HEX | UP_HEX | DIGIT));
                int prefixed = size == 10 && w[0] == '0' && (w[1] | 0x20) == 'x';
                if (!k && (prefixed || (hexadecimal && (run->flags == DIGIT || size >= SHORTEST_WORD))))
                    ALSO(found, digit_digests(c, w, size, run->flags == DIGIT));
                u32 doubt = c->doubt;
                if (space && w > space) c->doubt &= ~(u32)BESIDE;
                int in_word = word(c, w, size, run->flags);
                c->doubt = doubt;
                ALSO(found, in_word);
            }
        }
    }
    return found;
}
