/* What is looked for: patterns in lower case, through disguises with a key to fit, digests, characters in a row.

   A pattern is filed under its rarest four bytes. Of a text, each four bytes are looked up in a table of bits, of
   which nearly all are 0; so they are of what a disguise with a key leaves as it was: the XOR and the difference
   of neighbours, and how far a letter is from the one before. */
#include "core.h"

enum { NO_PATTERN = 0xFFFFFFFFu, OTHER = 100, MIXED = 50, NO_LETTERS = 51, PREFIX = 8, LONGEST_BLOB = 256 };
enum { OWNER_BITS = 20, SHORT_OWNER_BITS = 32 }; /* below each number, as the search keeps them */

static u8 lower_of[256], letter[256], letter_before[256], steps[256];

void search_begin(void) {
    for (int i = 0; i < 256; i++) {
        lower_of[i] = (u8)(i >= 'A' && i <= 'Z' ? i | 0x20 : i);
        letter[i] = is_alpha((u8)i) ? (u8)((i | 0x20) - 'a') : OTHER;
        letter_before[i] = is_alpha((u8)i) ? (u8)(26 - ((i | 0x20) - 'a')) : OTHER;
        steps[i] = (u8)(i < 52 ? i % 26 : i == 2 * OTHER ? NO_LETTERS : MIXED);
    }
}

static inline u32 four(const u8 *p) { return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24; }
static inline u32 slot(u32 gram, u32 n_bits) { return gram * 2654435761u >> (32 - n_bits); }

int finder_make(Finder *f, const Patterns *from) {
    f->from = from;
    f->n = from->n;
    f->n_bits = 15;
    while (f->n_bits < 22 && 1u << f->n_bits < 64 * from->n) f->n_bits++;
    u32 size = 1u << f->n_bits;
    f->patterns = calloc(from->n + 1, sizeof *f->patterns);
    f->heads = malloc(size * sizeof *f->heads);
    f->bits = calloc(size / 8, 1);
    u32 *often = calloc(size, sizeof *often);
    if (!f->patterns || !f->heads || !f->bits || !often) { free(often); return 0; }
    memset(f->heads, 0xFF, size * sizeof *f->heads);
    u32 at = 0;
    for (u32 i = 0; i < from->n; at += from->lengths[i++])
        for (u32 k = 0; k + 4 <= from->lengths[i]; k++) often[slot(four(from->texts + at + k), f->n_bits)]++;
    at = 0;
    for (u32 i = 0; i < from->n; i++) {
        Pattern *one = f->patterns + i;
        one->at = at;
        one->length = from->lengths[i];
        one->kind = from->kinds ? from->kinds[i] : PLAIN;
        u32 rarest = NO_PATTERN;
        for (u32 k = 0; k + 4 <= one->length && k < 1024; k++) {
            u32 n = often[slot(four(from->texts + at + k), f->n_bits)];
            if (n < rarest) { rarest = n; one->anchor = (uint16_t)k; }
        }
        u32 here = slot(four(from->texts + at + one->anchor), f->n_bits);
        one->next = f->heads[here];
        f->heads[here] = i;
        f->bits[here >> 3] |= (u8)(1 << (here & 7));
        at += one->length;
    }
    free(often);
    return 1;
}

static inline int likely(const Finder *f, u32 gram) {
    u32 here = slot(gram, f->n_bits);
    return f->bits[here >> 3] >> (here & 7) & 1;
}

/* True unless letters or digits go on beside a match that do not belong to it. */
static int fits(const Patterns *from, u32 number, int kind, const u8 *text, size_t n, size_t start, size_t end) {
    const u8 *sets = from->neighbours + (size_t)number * 64;
    if (end < n && is_alnum(text[end]) && !(sets[32 + (text[end] >> 3)] >> (text[end] & 7) & 1)) return 0;
    if (kind == SALT || !start) return 1;
    u8 left = text[start - 1];
    return !is_alnum(left) || (sets[left >> 3] >> (left & 7) & 1);
}

static int is_end(u8 byte, u8 number) {
    if (byte == 0 || byte == '"') return 1;
    return (is_digit(number) || number == '-') && memchr(" \t\r\n,:[]{}", byte, 11) != NULL;
}

/* True if a canary goes on around a word, at its byte *at*, until a value may end at both sides. */
static int reaches_ends(const u8 *text, size_t n, size_t start, size_t end, const u8 *whole, size_t size, size_t at) {
    size_t right = end, last = end - start + at, left = start;
    for (; right < n && !is_end(text[right], text[right - 1]); right++, last++)
        if (last == size || text[right] != whole[last]) return 0;
    for (; left && !is_end(text[left - 1], text[left]); left--, at--) {
        if (!at) return !is_alnum(text[left - 1]);
        if (text[left - 1] != whole[at - 1]) return 0;
    }
    return 1;
}

static int may_be_piece(const Core *c, u32 number, const u8 *text, size_t n, size_t start, size_t end) {
    const Patterns *from = c->needles.from;
    for (u32 i = from->first_place[number]; i < from->first_place[number + 1]; i++) {
        u32 whole = from->place_whole[i], begin = whole ? c->sought.whole_ends[whole - 1] : 0;
        size_t size = c->sought.whole_ends[whole] - begin;
        if (reaches_ends(text, n, start, end, c->sought.wholes + begin, size, from->place_at[i])) return 1;
    }
    return 0;
}

/* Patterns of which the four bytes before *end* are the anchor. */
static int at_needle(Core *c, const u8 *text, size_t n, size_t end) {
    const Finder *f = &c->needles;
    int found = NOTHING;
    for (u32 i = f->heads[slot(four(text + end - 4), f->n_bits)]; i != NO_PATTERN; i = f->patterns[i].next) {
        const Pattern *one = f->patterns + i;
        size_t anchor = end - 4;
        if (one->anchor > anchor || anchor - one->anchor + one->length > n) continue;
        size_t start = anchor - one->anchor, stop = start + one->length;
        if (memcmp(text + start, f->from->texts + one->at, one->length)) continue;
        if (one->kind != PLAIN && !fits(f->from, i, one->kind, text, n, start, stop)) continue;
        if (one->kind != WORD) return SUSPECT;
        if (may_be_piece(c, i, text, n, start, stop)) ALSO(found, hold(c, i));
    }
    return found;
}

static u8 xor_step(u8 before, u8 here) { return before ^ here; }
static u8 add_step(u8 before, u8 here) { return (u8)(here - before); }
static u8 rot_step(u8 before, u8 here) { return steps[(u8)(letter[here] + letter_before[before])]; }

static int at_disguise(const Finder *f, u32 gram, const u8 *p, size_t n, size_t end, u8 (*step)(u8, u8)) {
    for (u32 i = f->heads[slot(gram, f->n_bits)]; i != NO_PATTERN; i = f->patterns[i].next) {
        const Pattern *one = f->patterns + i;
        size_t anchor = end - 4;
        if (one->anchor >= anchor || anchor - one->anchor + one->length > n) continue; /* the first byte has none before */
        size_t start = anchor - one->anchor, k = 0;
        while (k < one->length && step(p[start + k - 1], p[start + k]) == f->from->texts[one->at + k]) k++;
        if (k == one->length) return 1;
    }
    return 0;
}

/* True for as many characters with so many signs between each two, enough of them different. */
static int is_row(const u8 *p, size_t last, size_t gap) {
    int distinct = 0;
    for (size_t i = 0; i < LEAST_IN_A_ROW; i++) {
        size_t k = 0;
        while (k < i && p[last - k * (gap + 1)] != p[last - i * (gap + 1)]) k++;
        distinct += k == i;
    }
    return distinct >= LEAST_DISTINCT;
}

void note_character(Row *row, const u8 *p, size_t n) {
    u64 all = n;
    for (size_t i = 0; i < n; i++) all = all << 8 | p[i];
    size_t k = 0;
    while (k < row->n_distinct && row->distinct[k] != all) k++;
    if (k == row->n_distinct && k < LEAST_DISTINCT) row->distinct[row->n_distinct++] = all;
    row->n++;
}

int search(Core *c, const u8 *p, size_t n) {
    if (c->lower_room < n) {
        free(c->lower);
        c->lower_room = 2 * n + 4096;
        c->lower = malloc(c->lower_room);
        if (!c->lower) { c->lower_room = 0; c->no_memory = 1; return SUSPECT; }
    }
    u8 *low = c->lower;
    int found = NOTHING;
    u32 text = 0, xors = 0, adds = 0, rots = 0, letters = 0;
    size_t in_row[3] = {0, 0, 0}, last = n;
    u8 before = 0;
    for (size_t i = 0; i < n; i++) low[i] = lower_of[p[i]];
    for (size_t i = 0; i < n; i++) {
        u8 here = p[i];
        text = text >> 8 | (u32)low[i] << 24;
        xors = xors >> 8 | (u32)xor_step(before, here) << 24;
        adds = adds >> 8 | (u32)add_step(before, here) << 24;
        letters = rot_step(before, here);
        rots = rots >> 8 | letters << 24;
        before = here;
        if (i >= 3) {
            if (likely(&c->needles, text)) ALSO(found, at_needle(c, low, n, i + 1));
            if (likely(&c->xors, xors) && at_disguise(&c->xors, xors, p, n, i + 1, xor_step)) return SUSPECT;
            if (likely(&c->adds, adds) && at_disguise(&c->adds, adds, p, n, i + 1, add_step)) return SUSPECT;
            if (likely(&c->rots, rots) && at_disguise(&c->rots, rots, p, n, i + 1, rot_step)) return SUSPECT;
        }
        if (is_alnum(here)) {
            size_t gap = last == n ? 0 : i - last - 1;
            for (size_t g = 1; g < 3; g++) {
                in_row[g] = gap == g ? in_row[g] + 1 : 0;
                if (in_row[g] >= LEAST_IN_A_ROW - 1 && is_row(p, i, g)) return SUSPECT;
            }
            last = i;
        }
    }
    return found;
}

static int holds(const u64 *sorted, u64 n, u64 wanted, int shift) {
    u64 low = 0, high = n;
    while (low < high) {
        u64 middle = low + (high - low) / 2;
        if (sorted[middle] >> shift < wanted) low = middle + 1;
        else high = middle;
    }
    return low < n && sorted[low] >> shift == wanted;
}

static int is_prefix(const Core *c, u64 number) {
    u64 first = number >> 40;
    return (c->sought.prefix_bits[first >> 3] >> (first & 7) & 1) &&
           holds(c->sought.prefixes, c->sought.n_prefixes, number >> OWNER_BITS, OWNER_BITS);
}

int is_short_digest(const Core *c, u32 number) {
    u32 first = number >> 8;
    return (c->sought.short_bits[first >> 3] >> (first & 7) & 1) && holds(c->sought.shorts, c->sought.n_shorts, number, SHORT_OWNER_BITS);
}

/* In bytes beyond ASCII: anywhere in a few, as the search has it, of more at the beginning only. */
int raw_digests(const Core *c, const u8 *p, size_t n) {
    size_t last = n > LONGEST_BLOB ? PREFIX : n;
    for (size_t i = 0; i + PREFIX <= last; i++)
        if (is_prefix(c, in_order(p + i))) return SUSPECT;
    return NOTHING;
}

/* A word of digits: a number of 32 or 64 bits of either sign; or of hexadecimal ones, perhaps behind 0x. */
int digit_digests(const Core *c, const u8 *p, size_t n, int is_decimal) {
    if (is_decimal && n <= 20) {
        u64 number = 0;
        int over = 0;
        for (size_t i = 0; i < n; i++) {
            over |= __builtin_mul_overflow(number, 10, &number);
            over |= __builtin_add_overflow(number, (u64)(p[i] - '0'), &number);
        }
        /* Of a number that is longer, only the lower bits are compared, as the twin does. */
        if (!over && number >> 32 == 0 && is_short_digest(c, (u32)number)) return SUSPECT;
        if (is_short_digest(c, (u32)(0 - number))) return SUSPECT;
        if ((over || number >> 32) && (is_prefix(c, number) || is_prefix(c, 0 - number))) return SUSPECT;
    }
    int prefixed = n > 2 && p[0] == '0' && (p[1] | 0x20) == 'x';
    const u8 *digits = prefixed ? p + 2 : p;
    size_t m = prefixed ? n - 2 : n;
    u64 window = 0;
    for (size_t i = 0; i < m; i++) {
        window = window << 4 | (u64)hex_digit(digits[i]);
        if (i >= 2 * PREFIX - 1 && is_prefix(c, window)) return SUSPECT;
    }
    return (m == 7 || m == 8) && is_short_digest(c, (u32)window) ? SUSPECT : NOTHING;
}
