//! Number blocks that belong to nobody, or to drama: where every made-up number comes from.
//!
//! UK: blocks with status "Free" or "Designated" in Ofcom's National Numbering Scheme (files S3, S5
//! and S7), and Ofcom's "Telephone numbers for use in TV and radio drama programmes".
//! US: line numbers 0100 to 0199 of central-office code 555, kept for fiction by the North American
//! Numbering Plan, in each area code in service. Canada: codes that the Canadian Numbering
//! Administrator lists as "Available". France: ARCEP decision 2018-0881. Germany:
//! Bundesnetzagentur notice 148/2021. Sweden: PTS numbers for fiction (2020). Australia: ACMA
//! "Phone numbers for use in TV shows, films and creative works". Ireland: ComReg 020 91x.

#![expect(
    clippy::inconsistent_digit_grouping,
    reason = "telephone numbers are grouped as they are spoken: country, area, line"
)]

/// Regions that are called, by index; index 0 is home.
pub(crate) const REGIONS: [&str; 8] = ["GB", "US", "CA", "FR", "DE", "SE", "AU", "IE"];
/// Index of no region.
pub(crate) const NO_REGION: u8 = u8::MAX;
/// Calls in 10,000 to each region but home, whose share is what is left.
pub(crate) const CALLED_PER_10K: [u32; 8] = [0, 4_000, 500, 500, 500, 200, 400, 400];

/// Consecutive numbers: the first in full (country code and national number), and how many.
pub(crate) type Block = (u64, u32);

/// UK mobile numbers: free (7356, 7358, 7364, 7369, 7389) and designated (7374) blocks.
pub(crate) const GB_MOBILE: &[Block] = &[
    (44_73564_00000, 200_000),
    (44_73567_00000, 100_000),
    (44_73569_00000, 100_000),
    (44_73581_00000, 700_000),
    (44_73589_00000, 100_000),
    (44_73645_00000, 500_000),
    (44_73693_00000, 400_000),
    (44_73698_00000, 100_000),
    (44_73740_00000, 1_000_000),
    (44_73899_00000, 100_000),
];

/// A free UK mobile block that only account holders' own numbers come from.
pub(crate) const GB_ACCOUNTS: Block = (44_74087_00000, 100_000);

/// Other UK numbers: drama ranges of Sheffield, Nottingham, Leicester, Bristol, Reading,
/// Birmingham, Edinburgh, Glasgow, Liverpool, Manchester, Tyneside, Northern Ireland, Cardiff and
/// no area, then free 055, 056 and 03 blocks. London and Leeds stay with organisations.
pub(crate) const GB_OTHER: &[Block] = &[
    (44_114_496_0000, 1_000),
    (44_115_496_0000, 1_000),
    (44_116_496_0000, 1_000),
    (44_117_496_0000, 1_000),
    (44_118_496_0000, 1_000),
    (44_121_496_0000, 1_000),
    (44_131_496_0000, 1_000),
    (44_141_496_0000, 1_000),
    (44_151_496_0000, 1_000),
    (44_161_496_0000, 1_000),
    (44_191_498_0000, 1_000),
    (44_28_9649_6000, 1_000),
    (44_29_2018_0000, 1_000),
    (44_1632_960_000, 1_000),
    (44_5588_700000, 30_000),
    (44_5604_000000, 110_000),
    (44_5604_120000, 90_000),
    (44_5604_250000, 190_000),
    (44_3061_000000, 300_000),
];

/// US area codes in service (NANPA's report of area codes, 2020), territories left out.
pub(crate) const US_AREAS: &[u16] = &[
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 220, 223,
    224, 225, 228, 229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270,
    272, 276, 279, 281, 301, 302, 303, 304, 305, 307, 308, 309, 310, 312, 313, 314, 315, 316, 317,
    318, 319, 320, 321, 323, 325, 330, 331, 332, 334, 336, 337, 339, 341, 346, 347, 351, 352, 360,
    361, 364, 380, 385, 386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414, 415, 417,
    419, 423, 424, 425, 430, 432, 434, 435, 440, 442, 443, 445, 458, 463, 469, 470, 475, 478, 479,
    480, 484, 501, 502, 503, 504, 505, 507, 508, 509, 510, 512, 513, 515, 516, 517, 518, 520, 530,
    531, 534, 539, 540, 541, 551, 559, 561, 562, 563, 564, 567, 570, 571, 573, 574, 575, 580, 585,
    586, 601, 602, 603, 605, 606, 607, 608, 609, 610, 612, 614, 615, 616, 617, 618, 619, 620, 623,
    626, 628, 629, 630, 631, 636, 640, 641, 646, 650, 651, 657, 659, 660, 661, 662, 667, 669, 678,
    680, 681, 682, 689, 701, 702, 703, 704, 706, 707, 708, 712, 713, 714, 715, 716, 717, 718, 719,
    720, 724, 725, 726, 727, 731, 732, 734, 737, 740, 743, 747, 754, 757, 760, 762, 763, 765, 769,
    770, 772, 773, 774, 775, 779, 781, 785, 786, 801, 802, 803, 804, 805, 806, 808, 810, 812, 813,
    814, 815, 816, 817, 818, 820, 828, 830, 831, 832, 838, 843, 845, 847, 848, 850, 854, 856, 857,
    858, 859, 860, 862, 863, 864, 865, 870, 872, 878, 901, 903, 904, 906, 907, 908, 909, 910, 912,
    913, 914, 915, 916, 917, 918, 919, 920, 925, 928, 929, 930, 931, 934, 936, 937, 938, 940, 941,
    947, 949, 951, 952, 954, 956, 959, 970, 971, 972, 973, 978, 979, 980, 984, 985, 986, 989,
];

/// First number and count of an area code's fictional numbers, from `US_AREAS`.
pub(crate) const fn us_block(area: u16) -> Block {
    (1_000_555_0100 + area as u64 * 10_000_000, 100)
}

/// Canadian central-office codes that are available (Canadian Numbering Administrator, 2025).
pub(crate) const CA: &[Block] = &[
    (1_257_201_0000, 60_000),
    (1_263_201_0000, 60_000),
    (1_382_201_0000, 60_000),
    (1_428_200_0000, 60_000),
    (1_474_200_0000, 60_000),
    (1_879_200_0000, 60_000),
    (1_942_202_0000, 60_000),
];

/// French numbers for audiovisual works; 06 39 98 is a mobile range.
pub(crate) const FR: &[Block] = &[
    (33_1_99_00_0000, 10_000),
    (33_2_61_91_0000, 10_000),
    (33_3_53_01_0000, 10_000),
    (33_4_65_71_0000, 10_000),
    (33_5_36_49_0000, 10_000),
    (33_6_39_98_0000, 10_000),
];

/// German numbers for media productions: Berlin, Frankfurt, Hamburg, Cologne, Munich.
pub(crate) const DE: &[Block] = &[
    (49_30_23125_000, 1_000),
    (49_69_90009_000, 1_000),
    (49_40_66969_000, 1_000),
    (49_221_4710_000, 1_000),
    (49_89_99998_000, 1_000),
];

/// Swedish numbers for fiction: Gothenburg, Malmö, Stockholm, Kiruna, mobile.
pub(crate) const SE: &[Block] = &[
    (46_31_39006_00, 100),
    (46_40_62804_00, 100),
    (46_8_465004_00, 100),
    (46_980_3192_00, 100),
    (46_70_17406_05, 95),
];

/// Australian numbers for creative works, in the four geographic areas.
pub(crate) const AU: &[Block] = &[
    (61_2_5550_0000, 10_000),
    (61_2_7010_0000, 10_000),
    (61_3_5550_0000, 10_000),
    (61_3_7010_0000, 10_000),
    (61_7_5550_0000, 10_000),
    (61_7_7010_0000, 10_000),
    (61_8_5550_0000, 10_000),
    (61_8_7010_0000, 10_000),
];

/// Irish numbers for drama.
pub(crate) const IE: &[Block] = &[(353_20_910_0000, 100_000)];
