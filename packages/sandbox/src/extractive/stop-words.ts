/**
 * Words that are not about the subject: the grammar of a question, and the verbs by which a
 * task requests an answer instead of a fact.
 */
const WORDS = `
a about above across after again against all also although always am among an and any anyone anything are around as at away
be became because become been before being below between both but by came can cannot come could
did do does doing done down during each either else etc even ever every everything exactly
few for from further gave get gets getting give given gives giving go goes going got
had has have having he hence her here hers him his how however i if in instead into is isn it its itself just
kind keep kept know known let lets like long longer lot made make makes making many may maybe me might mine more most much must my
need needed needs neither never no nor not nothing now of off often on once one ones only onto or other others our ours out over own
per perhaps please possible put quite rather really same say says see seen shall she should since so some someone something sort still such
take taken takes tell than that the their theirs them then there therefore these they thing things this those though through thus to together too toward
under until up upon us use used user uses using usually various very via want wants was way ways we well were what whatever when whenever
where whether which while who whole whom whose why will with within without would yes yet you your yours
according answer answers answered based brief briefly cite cited cites citing compare concise describe described describes detail details detailed
discuss document documents draft evidence explain explained explains explanation extract file files find findings following give identify
include including information instruction instructions list material materials mention mentioned name names note notes outline paragraph paragraphs passage passages
point points produce provide provided question questions quote quoted quotes report research respond response review section sections sentence sentences
short show shows source sources state stated states summarise summarize summary task tasks text topic validate verify word words write writing
mean means meaning happen happens work works
article paper summary contents option options setting settings value values number example examples purpose difference please
`;

const STOP_WORDS = new Set(WORDS.split(/\s+/).filter((word) => word !== ""));

/** Whether a word, in lower case, is not about the subject. */
export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word);
}
