/* Bytes that are no text: which layers may open them, told by how they begin and whether they are that to their end.

   Each condition is that of the layer of its name in `layers/`, or weaker. */
#include "core.h"

enum { SHORTEST_GUESS = 5, SHORTEST_SCRIPT = 12, MOST_OUTPUT = 4096, SHORTEST_MASKED = 24, LONGEST_MASKED = 1 << 16,
       MASK_SAMPLE = 512, LONGEST_KEY = 32, MAX_FIELD = 1 << 16, SMALLEST_NUMBER = 1000, MOST_PIECES = 90000 };

static const u8 GZIP[] = {0x1F, 0x8B, 0x08}, ZSTD[] = {0x28, 0xB5, 0x2F, 0xFD}, FLAGS[] = {0x01, 0x5E, 0x9C, 0xDA};

int begins_packed(const u8 *p, size_t n) {
    return (n >= 3 && !memcmp(p, GZIP, 3)) || (n >= 4 && !memcmp(p, ZSTD, 4))
        || (n >= 2 && (p[0] & 15) == 8 && (p[0] << 8 | p[1]) % 31 == 0);
}

u64 magic_conditions(const Core *c, const u8 *p, size_t n) {
    u64 mask = 0;
    const u8 *magic = c->layers.magics;
    for (u32 i = 0; i < c->layers.n_magics; magic += c->layers.magic_lengths[i++])
        if (n >= c->layers.magic_lengths[i] && !memcmp(p, magic, c->layers.magic_lengths[i])) mask |= c->layers.magic_bits[i];
    return mask;
}

/* A number in groups of seven bits at *at*, which is moved on; 0 if there is none. */
static int varint(const u8 *p, size_t n, size_t *at, u64 *number) {
    *number = 0;
    for (int shift = 0; shift < 70; shift += 7) {
        if (*at >= n) return 0;
        u8 byte = p[(*at)++];
        if (shift < 64) *number |= (u64)(byte & 0x7F) << shift;
        if (byte < 0x80) return 1;
    }
    return 0;
}

typedef int (*Take)(Core *c, const u8 *p, size_t n);

/* Fields to the last byte; each with bytes is handed to *take*, each number to *digits*. -1 if they are none. */
static int each_field(Core *c, const u8 *p, size_t n, Take take, int (*digits)(Core *c, u64 number)) {
    u32 groups[64];
    size_t at = 0, depth = 0, pieces = 0;
    Row row = {0};
    int found = NOTHING;
    while (at < n) {
        u64 tag, number = 0;
        if (!varint(p, n, &at, &tag) || !(tag >> 3) || tag >> 3 > MAX_FIELD || ++pieces > MOST_PIECES) return -1;
        switch (tag & 7) {
        case 0: if (!varint(p, n, &at, &number)) return -1; break;
        case 1: case 5: {
            size_t width = (tag & 7) == 1 ? 8 : 4;
            if (n - at < width) return -1;
            for (size_t i = width; i--;) number = number << 8 | p[at + i];
            at += width;
            break;
        }
        case 2:
            if (!varint(p, n, &at, &number) || number > n - at) return -1;
            note_value(&row, p + at, (size_t)number);
            if (take) ALSO(found, take(c, p + at, (size_t)number));
            at += (size_t)number;
            continue;
        case 3: if (depth == 64) return -1; groups[depth++] = (u32)(tag >> 3); continue;
        case 4: if (!depth || groups[--depth] != tag >> 3) return -1; continue;
        default: return -1;
        }
        if (digits && number >= SMALLEST_NUMBER) ALSO(found, digits(c, number));
    }
    return depth ? -1 : says_something(&row) ? SUSPECT : found;
}

int is_protobuf(const u8 *p, size_t n) { return n >= 4 && each_field(NULL, p, n, NULL, NULL) >= 0; }

static int number_digits(Core *c, u64 number) {
    u8 digits[20];
    size_t at = sizeof digits;
    for (; number; number /= 10) digits[--at] = (u8)('0' + number % 10);
    return sizeof digits - at < 6 ? NOTHING : digit_digests(c, digits + at, sizeof digits - at, 1);
}

int open_protobuf(Core *c, const u8 *p, size_t n) { return each_field(c, p, n, value, number_digits); }

/* Maps, lists and tagged items of MessagePack or CBOR to the last byte, as far as lengths tell; weaker than both. */
static int are_items(const u8 *p, size_t n, int is_cbor) {
    u64 pending = 0;
    for (size_t at = 0; at < n;) {
        u8 byte = p[at++];
        u64 argument = 0, items = 0, skip = 0;
        size_t width = 0;
        int is_top = !pending;
        if (pending) pending--;
        if (is_cbor) {
            int major = byte >> 5, low = byte & 31;
            if (is_top && (byte < 0x80 || byte > 0xDB)) return 0;
            if (low > 27 || byte == 0xFF) return low == 31 && byte != 0x1F && byte != 0x3F && byte != 0xDF;
            width = low < 24 ? 0 : (size_t)1 << (low - 24);
            if (n - at < width) return 0;
            argument = (u64)low;
            if (width) { argument = 0; for (size_t i = 0; i < width; i++) argument = argument << 8 | p[at + i]; }
            if (argument > n && major >= 2 && major <= 5) return 0;
            skip = major == 2 || major == 3 ? argument : 0;
            items = major == 4 ? argument : major == 5 ? 2 * argument : major == 6;
        } else {
            if (is_top && !(byte >= 0x80 && byte <= 0x9F) && !(byte >= 0xDC && byte <= 0xDF)) return 0;
            static const u8 widths[32] = { /* of a length, a count or a number, from 0xC0 on */
                0, 0, 0, 0, 1, 2, 4, 1, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 2, 4, 2, 4};
            static const u8 skips[32] = {
                0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17, 0, 0, 0, 0, 0, 0, 0};
            if (byte == 0xC1) return 0;
            if (byte >= 0x80 && byte < 0x90) items = 2 * (u64)(byte & 15);
            else if (byte >= 0x90 && byte < 0xA0) items = byte & 15;
            else if (byte >= 0xA0 && byte < 0xC0) skip = byte & 31;
            else if (byte >= 0xC0 && byte < 0xE0) {
                width = widths[byte - 0xC0];
                if (n - at < width) return 0;
                for (size_t i = 0; i < width; i++) argument = argument << 8 | p[at + i];
                skip = skips[byte - 0xC0];
                if (byte >= 0xDC) items = byte >= 0xDE ? 2 * argument : argument;
                else if (width) skip += argument;
            }
        }
        at += width;
        if (skip > n - at) return 0;
        at += (size_t)skip;
        pending += items;
        if (pending > n - at) return 0;
    }
    return !pending;
}

/* Messages, each after its length. */
int are_delimited(const u8 *p, size_t n) {
    for (size_t at = 0; at < n;) {
        u64 length;
        if (!varint(p, n, &at, &length) || !length || length > n - at) return 0;
        if (!is_protobuf(p + at, (size_t)length) && !are_items(p + at, (size_t)length, 0)) return 0;
        at += (size_t)length;
    }
    return 1;
}

/* --- Deflate without header: whether it comes to an end where the bytes do; nothing is kept of what comes out --- */

typedef struct { const u8 *p; size_t n, at; u32 held; int bits; int failed; } Bits;

static u32 take(Bits *b, int count) {
    while (b->bits < count) {
        if (b->at >= b->n) { b->failed = 1; return 0; }
        b->held |= (u32)b->p[b->at++] << b->bits;
        b->bits += 8;
    }
    u32 number = b->held & ((1u << count) - 1);
    b->held >>= count;
    b->bits -= count;
    return number;
}

typedef struct { uint16_t counts[16], symbols[288]; } Codes;

/* False if more codes are given than there are; or fewer, unless it is a single one. */
static int make_codes(Codes *codes, const u8 *lengths, int n) {
    uint16_t offsets[16] = {0};
    memset(codes->counts, 0, sizeof codes->counts);
    for (int i = 0; i < n; i++) codes->counts[lengths[i]]++;
    int left = 1;
    for (int size = 1; size < 16; size++) {
        left = 2 * left - codes->counts[size];
        if (left < 0) return 0;
    }
    for (int size = 1; size < 15; size++) offsets[size + 1] = (uint16_t)(offsets[size] + codes->counts[size]);
    for (int i = 0; i < n; i++) if (lengths[i]) codes->symbols[offsets[lengths[i]]++] = (uint16_t)i;
    return 1;
}

static int symbol(Bits *b, const Codes *codes) {
    int code = 0, first = 0, index = 0;
    for (int size = 1; size < 16; size++) {
        code |= (int)take(b, 1);
        if (b->failed) return -1;
        int count = codes->counts[size];
        if (code - count < first) return codes->symbols[index + code - first];
        index += count;
        first = (first + count) << 1;
        code <<= 1;
    }
    return -1;
}

static Codes fixed_lengths, fixed_distances;

void packed_begin(void) {
    u8 sizes[318];
    for (int i = 0; i < 318; i++) sizes[i] = (u8)(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : i < 288 ? 8 : 5);
    make_codes(&fixed_lengths, sizes, 288);
    make_codes(&fixed_distances, sizes + 288, 30);
}

static int read_codes(Bits *b, Codes *lengths, Codes *distances) {
    static const u8 order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    u8 sizes[320] = {0}, own[19] = {0};
    int n_lengths = (int)take(b, 5) + 257, n_distances = (int)take(b, 5) + 1, n_own = (int)take(b, 4) + 4, at = 0;
    if (b->failed || n_lengths > 286 || n_distances > 30) return 0;
    for (int i = 0; i < n_own; i++) own[order[i]] = (u8)take(b, 3);
    if (b->failed || !make_codes(lengths, own, 19)) return 0;
    while (at < n_lengths + n_distances) {
        int next = symbol(b, lengths), times = 1, repeated = 0;
        if (next < 0) return 0;
        if (next < 16) repeated = next;
        else if (next == 16) {
            if (!at) return 0;
            repeated = sizes[at - 1];
            times = 3 + (int)take(b, 2);
        } else times = next == 17 ? 3 + (int)take(b, 3) : 11 + (int)take(b, 7);
        if (b->failed || at + times > n_lengths + n_distances) return 0;
        while (times--) sizes[at++] = (u8)repeated;
    }
    return make_codes(lengths, sizes, n_lengths) && make_codes(distances, sizes + n_lengths, n_distances);
}

static int inflates(const u8 *p, size_t n) {
    static const u8 length_bits[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
    static const uint16_t length_base[29] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83,
                                             99, 115, 131, 163, 195, 227, 258};
    static const uint16_t distance_base[30] = {1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769,
                                               1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
    Bits b = {p, n, 0, 0, 0, 0};
    Codes own_lengths, own_distances;
    size_t size = 0;
    for (u32 last = 0; !last;) {
        last = take(&b, 1);
        u32 kind = take(&b, 2);
        if (b.failed || kind == 3) return 0;
        if (!kind) {
            b.held = 0;
            b.bits = 0;
            if (n - b.at < 4) return 0;
            size_t length = (size_t)(p[b.at] | p[b.at + 1] << 8);
            if ((length ^ (size_t)(p[b.at + 2] | p[b.at + 3] << 8)) != 0xFFFF || n - b.at - 4 < length) return 0;
            b.at += 4 + length;
            size += length;
            continue;
        }
        if (kind == 2 && !read_codes(&b, &own_lengths, &own_distances)) return 0;
        const Codes *lengths = kind == 1 ? &fixed_lengths : &own_lengths, *distances = kind == 1 ? &fixed_distances : &own_distances;
        for (int next; (next = symbol(&b, lengths)) != 256;) {
            if (next < 0) return 0;
            if (next < 256) { size++; }
            else {
                if ((next -= 257) > 28) return 0;
                size_t length = length_base[next] + take(&b, length_bits[next]);
                int which = symbol(&b, distances);
                if (which < 0 || which > 29) return 0;
                size_t distance = distance_base[which] + take(&b, which < 4 ? 0 : which / 2 - 1);
                if (b.failed || distance > size) return 0;
                size += length;
            }
            if (size > MOST_OUTPUT) return 1; /* far enough: the layer looks */
        }
    }
    return b.at == n && size;
}

/* --- The others --- */

/* --- Brotli (RFC 7932): whether the codes of the first meta-block can be --- */

static int brotli_code(Bits *b, u32 n_symbols) {
    static const u8 order[18] = {1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    static const u8 sizes[16] = {0, 4, 3, 2, 0, 4, 3, 1, 0, 4, 3, 2, 0, 4, 3, 5}, widths[16] = {2, 2, 2, 3, 2, 2, 2, 4, 2, 2, 2, 3, 2, 2, 2, 4};
    u32 skip = take(b, 2), bits = 0, symbols[4];
    if (skip == 1) {
        u32 n = take(b, 2) + 1;
        while (1u << bits < n_symbols) bits++;
        for (u32 i = 0; i < n; i++) {
            symbols[i] = take(b, (int)bits);
            if (symbols[i] >= n_symbols) return 0;
            for (u32 k = 0; k < i; k++) if (symbols[k] == symbols[i]) return 0;
        }
        if (n == 4) take(b, 1);
        return !b->failed;
    }
    u8 own[18] = {0};
    int space = 32, used = 0;
    for (u32 i = skip; i < 18 && space > 0; i++) {
        while (b->bits < 4 && b->at < b->n) { b->held |= (u32)b->p[b->at++] << b->bits; b->bits += 8; }
        u32 next = b->held & 15;
        if (b->bits < widths[next]) return 0;
        take(b, widths[next]);
        own[order[i]] = sizes[next];
        if (sizes[next]) { space -= 32 >> sizes[next]; used++; }
    }
    if (b->failed || (used != 1 && space)) return 0;
    if (used == 1) return 1;
    Codes codes;
    make_codes(&codes, own, 18);
    int left = 1 << 15, before = 8, repeat = 0, repeated = 0;
    for (u32 at = 0; at < n_symbols && left > 0;) {
        int size = symbol(b, &codes);
        if (size < 0) return 0;
        if (size < 16) {
            repeat = 0;
            at++;
            if (size) { before = size; left -= (1 << 15) >> size; }
            continue;
        }
        int extra = size == 16 ? 2 : 3, of = size == 16 ? before : 0, old;
        if (repeated != of) { repeat = 0; repeated = of; }
        old = repeat;
        if (repeat) repeat = (repeat - 2) << extra;
        repeat += (int)take(b, extra) + 3;
        at += (u32)(repeat - old);
        if (b->failed || at > n_symbols) return 0;
        if (of) left -= (repeat - old) * ((1 << 15) >> of);
    }
    return left == 0;
}

/* A number of block types or trees, from 1 to 256. */
static u32 brotli_count(Bits *b) {
    if (!take(b, 1)) return 1;
    int bits = (int)take(b, 3);
    return (1u << bits) + 1 + take(b, bits);
}

/* Past bytes that stand as they are, from the next whole byte on; false if bits before it are set. */
static int passed(Bits *b, size_t size) {
    if (b->failed || b->held) return 0;
    b->at -= (size_t)b->bits / 8;
    b->bits = 0;
    if (size >= b->n - b->at) return 0; /* this is never the last block */
    b->at += size;
    return 1;
}

static int may_be_brotli(const u8 *p, size_t n) {
    if (n < SHORTEST_GUESS) return 0;
    Bits b = {p, n, 0, 0, 0, 0};
    if (take(&b, 1) && !take(&b, 3) && take(&b, 3) == 1) return 0;
    for (;;) { /* blocks that are stored or left out, up to the first of codes */
        u32 last = take(&b, 1);
        if (last && take(&b, 1)) return b.at == n && b.at > 1; /* the end, which is not the beginning */
        u32 nibbles = take(&b, 2), size = 0;
        if (nibbles == 3) {
            if (last || take(&b, 1)) return 0;
            u32 bytes = take(&b, 2);
            for (u32 i = 0; i < bytes; i++) size |= take(&b, 8) << 8 * i;
            if (!passed(&b, bytes ? size + 1 : 0)) return 0;
            continue;
        }
        for (u32 i = 0; i < 4 + nibbles; i++) {
            u32 nibble = take(&b, 4);
            if (i == 3 + nibbles && nibbles && !nibble) return 0;
            size |= nibble << 4 * i;
        }
        if (last || !take(&b, 1)) break;
        if (!passed(&b, size + 1)) return 0;
    }
    for (int i = 0; i < 3; i++) {
        u32 types = brotli_count(&b);
        if (types > 1) { /* from here on only what its first codes are is looked at */
            return !b.failed && types <= 256 && brotli_code(&b, types + 2) && brotli_code(&b, 26);
        }
    }
    u32 postfix = take(&b, 2), direct = take(&b, 4) << postfix;
    take(&b, 2);
    u32 trees = brotli_count(&b);
    if (b.failed || trees > 256) return 0;
    if (trees > 1) return brotli_code(&b, trees + (take(&b, 1) ? take(&b, 4) + 1 : 0));
    trees = brotli_count(&b);
    if (b.failed || trees > 256) return 0;
    if (trees > 1) return brotli_code(&b, trees + (take(&b, 1) ? take(&b, 4) + 1 : 0));
    return brotli_code(&b, 256) && brotli_code(&b, 704) && brotli_code(&b, 16 + direct + (48u << postfix));
}

static size_t lz4_length(const u8 *p, size_t n, size_t *at, size_t nibble) {
    if (nibble < 15) return nibble;
    while (*at < n) {
        nibble += p[*at];
        if (p[(*at)++] != 255) return nibble;
    }
    return SIZE_MAX / 4;
}

static int is_lz4_block(const u8 *p, size_t n) {
    size_t size = 0;
    for (size_t at = 0; at < n;) {
        u8 token = p[at++];
        size_t length = lz4_length(p, n, &at, token >> 4);
        if (length > n - at) return 0;
        at += length;
        size += length;
        if (at == n) return size >= SHORTEST_GUESS && !(token & 15);
        if (n - at < 3) return 0;
        size_t offset = (size_t)(p[at] | p[at + 1] << 8);
        at += 2;
        if (!offset || offset > size) return 0;
        size += lz4_length(p, n, &at, token & 15) + 4;
    }
    return 0;
}

static int may_be_lz4(const u8 *p, size_t n) {
    if (n >= 4 && !memcmp(p, "\x04\x22\x4D\x18", 4)) return 1;
    return is_lz4_block(p, n) || (n > 4 && is_lz4_block(p + 4, n - 4));
}

static int may_be_snappy(const u8 *p, size_t n) {
    if (n >= 10 && !memcmp(p, "\xFF\x06\x00\x00sNaPpY", 10)) return 1;
    size_t at = 0, out = 0;
    u64 size;
    if (!varint(p, least(n, 5), &at, &size) || size < SHORTEST_GUESS || size > 22 * (u64)n) return 0;
    while (at < n) {
        u8 tag = p[at++];
        size_t length = 0, offset = 0, width = tag & 3 ? ((tag & 3) == 3 ? 4 : (size_t)(tag & 3)) : tag >> 2 > 59 ? (tag >> 2) - 59u : 0;
        if (n - at < width) return 0;
        u64 extra = 0;
        for (size_t i = width; i--;) extra = extra << 8 | p[at + i];
        at += width;
        if (!(tag & 3)) {
            length = width ? (size_t)extra + 1 : (size_t)(tag >> 2) + 1;
            if (length > n - at) return 0;
            at += length;
        } else {
            length = (tag & 3) == 1 ? (size_t)(tag >> 2 & 7) + 4 : (size_t)(tag >> 2) + 1;
            offset = (tag & 3) == 1 ? (size_t)(tag >> 5) << 8 | (size_t)extra : (size_t)extra;
            if (!offset || offset > out) return 0;
        }
        out += length;
        if (out > size) return 0;
    }
    return out == size;
}

static int may_embed(const u8 *p, size_t n) {
    if (n < 9) return 0;
    for (size_t i = 1; i + 8 <= n; i++) {
        if (p[i] == 'x' && memchr(FLAGS, p[i + 1], 4)) return 1;
        if (p[i] == 0x1F && !memcmp(p + i, GZIP, 3) && p[i + 3] < 32) return 1;
        if (p[i] == 0x28 && !memcmp(p + i, ZSTD, 4)) return 1;
    }
    return 0;
}

static int may_be_xor(const u8 *p, size_t n) {
    if (n < 18) return 0;
    u8 step = p[0] ^ p[1];
    if (step == (0x1F ^ 0x8B) && (p[1] ^ p[2]) == (0x8B ^ 0x08)) return 1;
    if (step == (0x28 ^ 0xB5) && (p[2] ^ p[3]) == (0x2F ^ 0xFD)) return 1;
    for (int i = 0; i < 4; i++) if (step == ('x' ^ FLAGS[i])) return 1;
    return 0;
}

/* Every other byte is one that the letters of one script begin with in UTF-16. */
static int may_be_one_script(const u8 *p, size_t n) {
    if (n < SHORTEST_SCRIPT || n % 2) return 0;
    for (size_t odd = 0; odd < 2; odd++) {
        int scripts = 15;
        for (size_t i = odd; i < n && scripts; i += 2) {
            u8 b = p[i];
            int any = b == 0 || b == 0x20;
            scripts &= (any || b == 0x30 || (b >= 0x4E && b < 0xA0) || b == 0xFF ? 1 : 0) | (any || b == 0x30 || (b >= 0xAC && b < 0xD8) ? 2 : 0)
                | (any || (b >= 3 && b < 7) ? 4 : 0) | (any || (b >= 9 && b < 0x11) ? 8 : 0);
        }
        if (scripts) return 1;
    }
    return 0;
}

static int zeros_in_a_quarter(const u8 *p, size_t n) {
    size_t zeros = 0;
    for (size_t i = 0; i < n; i++) zeros += !p[i];
    return zeros * 4 >= n;
}

static int may_be_dns(const u8 *p, size_t n) {
    return n >= 17 && !p[4] && p[5] && p[5] <= 4;
}

static int may_be_grpc(const u8 *p, size_t n) {
    if (n < 5) return 0;
    for (size_t at = 0; at < n;) {
        if (n - at < 5 || !(p[at] <= 2 || p[at] == 0x80)) return 0;
        size_t length = (size_t)p[at + 1] << 24 | (size_t)p[at + 2] << 16 | (size_t)p[at + 3] << 8 | p[at + 4];
        if (length > n - at - 5) return 0;
        at += 5 + length;
    }
    return 1;
}

static int may_be_lz_bytes(Core *c, const u8 *p, size_t n) {
    if (p[0] & 0x40) return 0; /* the second bit: no character first */
    u32 few[256], *units = n <= 256 ? few : room(c, n * sizeof *units);
    if (!units) return 1;
    for (size_t i = 0; i < n; i++) units[i] = p[i];
    int found = code_points_end(units, n, 8);
    if (units != few) free(units);
    return found;
}

/* The layers on bytes that are no text. */
u64 binary_conditions(Core *c, const u8 *p, size_t n, u32 kinds) {
    const u64 *bit = c->layers.bits;
    u64 mask = packed_conditions(c, p, n, kinds);
    if (may_be_xor(p, n)) mask |= bit[L_XOR];
    if (zeros_in_a_quarter(p, n)) mask |= bit[L_UTF32] | bit[L_UTF16];
    if ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF)) mask |= bit[L_UTF32] | bit[L_UTF16];
    if (may_be_one_script(p, n)) mask |= bit[L_UTF16];
    if (may_be_dns(p, n)) mask |= bit[L_DNS];
    if (may_be_grpc(p, n)) mask |= bit[L_GRPC];
    if (is_protobuf(p, n)) mask |= bit[L_PROTOBUF];
    if ((p[0] >= 0x80 && p[0] < 0xA0) || (p[0] >= 0xDC && p[0] < 0xE0)) mask |= are_items(p, n, 0) ? bit[L_MSGPACK] : 0;
    if (p[0] >= 0x80 && p[0] <= 0xDB && are_items(p, n, 1)) mask |= bit[L_CBOR];
    if (are_delimited(p, n)) mask |= bit[L_DELIMITED];
    if (may_be_lz4(p, n)) mask |= bit[L_LZ4];
    if (may_be_snappy(p, n)) mask |= bit[L_SNAPPY];
    if (n >= SHORTEST_GUESS && inflates(p, n)) mask |= bit[L_DEFLATE];
    if (may_be_brotli(p, n)) mask |= bit[L_BROTLI];
    if (may_embed(p, n)) mask |= bit[L_EMBEDDED];
    if (may_be_lz_bytes(c, p, n)) mask |= bit[L_LZ_STRING];
    return mask & c->layers.on_bytes;
}

/* Bits that differ from those so many places before, of the first *size*. */
static size_t unlike(const u64 *bits, size_t size, size_t places) {
    size_t found = 0;
    for (size_t i = 0; i * 64 + places < size; i++) {
        u64 moved = bits[i] >> places | (places ? bits[i + 1] << (64 - places) : 0), differ = bits[i] ^ moved;
        size_t left = size - places - i * 64;
        found += (size_t)__builtin_popcountll(left < 64 ? differ & ((1ull << left) - 1) : differ);
    }
    return found;
}

/* True where nearly all bytes are as near to the one before as characters of ASCII are, but for the one more or less that
   the place adds: as `_near` in disguises.py. */
static int is_near(const u8 *p, size_t n, int by) {
    enum { NEAR_SAMPLE = 128, FAR = 95 };
    size_t size = least(n, NEAR_SAMPLE), far = 0;
    for (size_t i = 1; i < size; i++) {
        u8 step = (u8)(p[i] - p[i - 1] - by), back = (u8)(0 - step);
        far += (step < back ? step : back) >= FAR;
    }
    return far * 10 <= size - 1;
}

/* True unless no mask can be over text here: with the right distance, nearly all bytes have the highest bit of the
   byte so far before, and so they have of a mask that depends on the place, once that is off. */
int may_be_masked(const u8 *p, size_t n) {
    if (n < SHORTEST_MASKED || n > LONGEST_MASKED) return 0;
    size_t size = least(n, MASK_SAMPLE);
    u64 tops[4][MASK_SAMPLE / 64 + 1] = {{0}};
    for (size_t i = 0; i < size; i++) {
        tops[0][i / 64] |= (u64)(p[i] >> 7) << i % 64;
        tops[1][i / 64] |= (u64)((u8)(p[i] ^ i) >> 7) << i % 64;
        tops[2][i / 64] |= (u64)((u8)(p[i] - i) >> 7) << i % 64;
        tops[3][i / 64] |= (u64)((u8)(p[i] + i) >> 7) << i % 64;
    }
    if (is_near(p, n, 1) || is_near(p, n, -1)) return 1;
    for (int way = 1; way < 4; way++) if (unlike(tops[way], size, 1) <= size / 5 + 1) return 1;
    for (size_t period = 1; period <= least(LONGEST_KEY, size - SHORTEST_MASKED / 2); period++)
        if (unlike(tops[0], size, period) <= (size - period) / 5 + 1) return 1;
    return 0;
}
