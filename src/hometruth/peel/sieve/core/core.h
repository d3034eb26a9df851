/* A first sieve over values, in C: which may hold something looked for, and by which way.

   It errs on one side. `NOTHING` is said only of bytes in which no layer and no search would find anything, and
   nobody anything opaque; whatever is not understood exactly is a `LOOK`: the real layers open it, and what they
   give is sifted in turn. Nothing here reads beyond a value, and no answer depends on the clock.

   value.c: one value with all that is in it.   search.c: what is looked for.   words.c: bytes as letters and digits.
   text.c: conditions of layers on text.   packed.c: the same on other bytes.   json.c: documents.
   core.c: memory, and the functions that Python calls. */
#ifndef HOMETRUTH_CORE_H
#define HOMETRUTH_CORE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

/* What may be in a value: bits of an answer. HELD is a word, which is something only beside others. */
enum { NOTHING = 0, OPAQUE = 1, SUSPECT = 2, LOOK = 4, HELD = 8 };

enum {
    SHORTEST = 4,            /* bytes; nothing shorter is looked for */
    LONGEST = 3 << 20,       /* bytes of a value that is sifted; a longer one is peeled */
    DEEPEST = 24,            /* decodings inside each other */
    LONGEST_KNOWN = 1 << 12, /* bytes of a value that is remembered: what repeats is short */
    WORK = 64,               /* bytes looked through for each byte of a part, and */
    LEAST_WORK = 4 << 20,    /* these besides; then it is peeled */
    SMALLEST_OPAQUE = 64,
    LONGEST_WORD = 1 << 18,
    LONGEST_NUMBER = 4096,
};

/* Kinds of bytes, in the order of `many/kinds.py`. */
enum {
    NO_A85 = 1 << 0, NO_B85 = 1 << 1, NO_45 = 1 << 2, SIGN = 1 << 3, WORDY = 1 << 4, CONTROL = 1 << 5,
    HIGH = 1 << 6, PERCENT = 1 << 7, AMPERSAND = 1 << 8, SEMICOLON = 1 << 9, BACKSLASH = 1 << 10, LESS = 1 << 11,
    QUOTE = 1 << 12, EQUALS = 1 << 13, PLUS = 1 << 14, LINE = 1 << 15, CAPITAL = 1 << 16, BRACKET = 1 << 17,
    COLON = 1 << 18, RECORD = 1 << 19, NO_Z85 = 1 << 20, NO_91 = 1 << 21, STRANGE = 1 << 22, DOT = 1 << 23,
    NO_NAME = 1 << 24, NO_GRAPHIC = 1 << 25,
};

/* Layers whose condition stands here, in the order of `CONDITIONS` in __init__.py. */
enum {
    L_ENTITIES, L_BASE45, L_BASE85, L_ASCII85, L_Z85, L_BASE91, L_UUENCODE, L_QUOTED, L_BYTE_LIST, L_JSON,
    L_MULTIPART, L_FORM, L_ZLIB, L_LATIN1, L_XOR, L_ROT, L_REVERSE, L_UTF32, L_UTF16, L_DNS, L_GRPC, L_PROTOBUF,
    L_MSGPACK, L_CBOR, L_DELIMITED, L_LZ4, L_SNAPPY, L_DEFLATE, L_BROTLI, L_EMBEDDED, L_LZ_STRING, L_DATA_URL, L_URL,
    L_RECORDS, L_SOCKETIO, L_STOMP, L_XML, L_GRAPHQL, L_PERCENT, L_JAVASCRIPT, L_PUNYCODE, L_LABELS, L_JWT,
    L_BASE64, N_CONDITIONS,
};

/* How a look is meant: bits. */
enum { IS_TEXT = 1, TELL_OPAQUE = 2, TRY_MASKS = 4, SPELLED = 8, GUESSED = 16, BESIDE = 32 };
/* GUESSED: it came of an alphabet that nobody names. BESIDE: of a reading of plus signs as spaces, beside the other. */

/* How an input is sifted, besides what of a look it came of. */
enum { AS_VALUE, AS_CLOSED, AS_QUERY, AS_COOKIE, AS_TARGET, AS_PATH, AS_MASK = 7 };

/* Patterns one after the other. Of each, with which neighbours it counts, and the word it is if it is one. */
enum { PLAIN, WINDOW, WORD, SALT };
typedef struct {
    u32 n;
    const u8 *texts;
    const u32 *lengths;
    const u8 *kinds;        /* PLAIN for all if null */
    const u8 *neighbours;   /* two sets of 256 bits each, those before and those after */
    const u32 *first_place; /* n + 1 of them; places of a WORD */
    const u32 *place_whole, *place_at;
} Patterns;

typedef struct {
    Patterns needles, xors, adds, rots;
    const u8 *wholes; /* canaries that WORDs are of */
    const u32 *whole_ends;
    u64 n_prefixes, n_shorts;
    const u64 *prefixes, *shorts; /* in order, each number above that of its owner */
    const u8 *prefix_bits, *short_bits;
} Sought;

typedef struct {
    u64 bits[N_CONDITIONS]; /* the bit of each layer with a condition here; 0 for one that is not tried */
    u64 on_text, on_bytes, before_json;
    u32 n_magics; /* layers that are told by how a value begins, whatever else they are */
    const u8 *magics;
    const u8 *magic_lengths;
    const u64 *magic_bits;
    const u32 *kinds; /* of each byte */
} Layers;

typedef struct { u32 at, length, next; uint16_t anchor; u8 kind; } Pattern;
typedef struct { Pattern *patterns; u32 *heads; u8 *bits; u32 n, n_bits; const Patterns *from; } Finder;

typedef struct { u64 mask; size_t at, length; u32 owner, how; } Look;
typedef struct { u32 owner, pattern; } Word;

/* What is asked of values: all that may be in them; whether anything is, the first sign of which is enough; or whether
   they are read, being text or opened by a layer. */
enum { ASK_ALL, ASK_ANY, ASK_READ };

typedef struct {
    Sought sought;
    Layers layers;
    Finder needles, xors, adds, rots;
    u64 key[2];
    u64 *known; /* hashes of values in which nothing is */
    size_t n_known;
    u8 *lower;
    size_t lower_room;
    int64_t work;
    int depth, no_memory, asked;
    u32 doubt; /* GUESSED and BESIDE, of the value at hand */
    u32 owner;
    Look *looks;
    size_t n_looks, looks_room;
    u8 *looked;
    size_t looked_size, looked_room;
    Word *held; /* by owner, each once */
    size_t n_held, held_room, first_held; /* the last is the first of the owner */
    u8 *is_held; /* a bit for each pattern */
} Core;

/* Answers are collected until something is suspect: then nothing else matters. */
#define ALSO(found, more) do { (found) |= (more); if ((found) & SUSPECT) return (found); } while (0)

static inline int is_digit(u8 c) { return c >= '0' && c <= '9'; }
static inline int is_alpha(u8 c) { u8 l = c | 0x20; return l >= 'a' && l <= 'z'; }
static inline int is_alnum(u8 c) { return is_digit(c) || is_alpha(c); }
static inline int is_space(u8 c) { return c == ' ' || (c >= 9 && c <= 13); }
static inline int begins(const u8 *p, size_t n, const char *with, size_t m) { return n >= m && !memcmp(p, with, m); }
static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }
static inline u64 in_order(const u8 *p) { u64 x = 0; for (int i = 0; i < 8; i++) x = x << 8 | p[i]; return x; }

/* Values of one character each that stand in a row: together they may say something. */
enum { LEAST_IN_A_ROW = 8, LEAST_DISTINCT = 5, LONGEST_CHARACTER = 4 };
typedef struct { size_t n, n_distinct; u64 distinct[LEAST_DISTINCT]; } Row;

/* core.c */
void *room(Core *c, size_t n);
int look(Core *c, const u8 *p, size_t n, u64 mask, u32 how);
int hold(Core *c, u32 pattern);
u64 hash_of(const Core *c, const u8 *p, size_t n, u64 salt);
int is_known(const Core *c, u64 hash);
void note_known(Core *c, u64 hash);

/* value.c */
int value(Core *c, const u8 *p, size_t n);
int guess(Core *c, const u8 *p, size_t n); /* the same of what an alphabet gave that must prove itself */
int part(Core *c, const u8 *p, size_t n, int how);
int open_text(Core *c, const u8 *p, size_t n, u32 kinds, int *is_document);
u32 kinds_of(const Core *c, const u8 *p, size_t n);
int is_text(const Core *c, const u8 *p, size_t n);
int is_utf8(const u8 *p, size_t n);
int is_utf8_in_halves(const u8 *p, size_t n);
int holds_sealed(const u8 *p, size_t n);
int may_be_words(const u8 *p, size_t n);
int holds_opaque(const Core *c, const u8 *p, size_t n);

/* search.c */
void note_character(Row *row, const u8 *p, size_t n);
static inline void note_value(Row *row, const u8 *p, size_t n) {
    int is_escaped = n && p[0] == '%' && n % 3 == 0 && n <= 3 * LONGEST_CHARACTER && (n == 3 || p[3] == '%');
    if (n == 1 || (n > 1 && n <= LONGEST_CHARACTER && p[0] > 0x7F) || is_escaped) note_character(row, p, n);
}
static inline int says_something(const Row *row) { return row->n >= LEAST_IN_A_ROW && row->n_distinct >= LEAST_DISTINCT; }
int finder_make(Finder *f, const Patterns *from);
int search(Core *c, const u8 *p, size_t n);
int raw_digests(const Core *c, const u8 *p, size_t n);
int digit_digests(const Core *c, const u8 *p, size_t n, int is_decimal);
int is_short_digest(const Core *c, u32 number);
void search_begin(void);

/* words.c */
int hex_digit(u8 c);
int words_in(Core *c, const u8 *p, size_t n, int is_document);
int is_read_word(Core *c, const u8 *w, size_t n);
int code_points_end(const u32 *units, size_t n, int width);
void words_begin(void);

/* text.c */
u64 text_conditions(Core *c, const u8 *p, size_t n, u32 kinds);
int open_natively(Core *c, const u8 *p, size_t n, u64 *mask);
int begins_json(const u8 *p, size_t n);
int begins_form(const u8 *p, size_t n);
int fields(Core *c, const u8 *p, size_t n, u8 separator);
int segments(Core *c, const u8 *p, size_t n);
u8 *unquoted(Core *c, const u8 *p, size_t n, int plus, size_t *size);
int is_escaped(const u8 *p, size_t n);

/* packed.c */
u64 packed_conditions(Core *c, const u8 *p, size_t n, u32 kinds); /* in text.c */
u64 binary_conditions(Core *c, const u8 *p, size_t n, u32 kinds);
void packed_begin(void);
u64 magic_conditions(const Core *c, const u8 *p, size_t n);
int begins_packed(const u8 *p, size_t n);
int is_protobuf(const u8 *p, size_t n);
int open_protobuf(Core *c, const u8 *p, size_t n);
int are_delimited(const u8 *p, size_t n);
int may_be_masked(const u8 *p, size_t n);

/* json.c */
int document(Core *c, const u8 *p, size_t n, int *is_document);

#endif
