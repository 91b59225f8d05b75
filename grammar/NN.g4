/// The .nn language.
///
/// Precedence is in the stratification of the rules; a single left-recursive
/// `expr` would be ambiguous, and silently so. Runs of prefix operators and of
/// `^` are loops, so that a long run costs no stack; the tree builder folds
/// them. Words such as `data` or `carry` are keywords only where they open a
/// clause, and names elsewhere: see `low`.
grammar NN;

// -- Definitions --------------------------------------------------------------

file: (definition | ';')* EOF;

definition:
    importDef
  | dimDef
  | callableDef
  | optimizerDef
  | trainDef
  | testDef
  | assign;

importDef: 'import' STRING ('as' name)?;
dimDef: 'dim' dimEntry (',' dimEntry)*;
dimEntry: name ('=' expr)?;

callableDef:
  kind = ('fn' | 'layer' | 'net') name dimParams? params? '->' type block;
optimizerDef: 'optimizer' name dimParams? params? block;
dimParams: '[' (dimEntry (',' dimEntry)*)? ']';
params: '(' (param (',' param)*)? ')';
param: name (':' type)? ('=' expr)?;

type:
    elementType typeDims?
  | '(' type (',' type)+ ')'
  | ('axis' | 'axes');
typeDims: '[' (typeDim (',' typeDim)*)? ']';
typeDim: '..' | expr;
elementType: 'f32' | 'f64' | 'i32' | 'i64' | 'bool' | 'bf16' | 'f16' | 'i8';

// -- Statements ---------------------------------------------------------------

block: '{' (statement | ';')* '}';

statement:
    assign
  | update
  | paramStmt
  | stateStmt
  | returnStmt
  | yieldStmt
  | ifStmt
  | repeat
  | printStmt
  | expectStmt;

assign: target (',' targetItem)* '=' expr;
target: name;
targetItem: name | '(' targetItem (',' targetItem)+ ')';
// No token '<-', so that x<-1 is less-than, minus.
update: name '<' '-' expr;
paramStmt: 'param' name (',' name)* ':' type ('=' expr)? 'frozen'?;
stateStmt: 'state' name (',' name)* (':' type)? ('=' expr)?;
returnStmt: 'return' expr;
yieldStmt: 'yield' expr ('final' expr)?;
ifStmt: 'if' expr block elseIf* ('else' block)?;
elseIf: 'else' 'if' expr block;
printStmt: 'print' expr (',' expr)*;
expectStmt: 'expect' expr ('within' expr)?;

// -- Training and testing -----------------------------------------------------

trainDef: 'train' path (',' path)* trainBlock;
trainBlock: '{' (trainItem | ';')* '}';
trainItem:
    'data' dataNames
  | 'loss' expr
  | 'optimizer' expr ('on' STRING (',' STRING)*)?
  | 'clip' ('norm' | 'value') expr
  | 'batch' expr
  | 'epochs' expr
  | 'shuffle'
  | 'seed' expr
  | ('metric' | 'picture') expr ('on' (held = 'held' | dataNames))?
  | 'hold' expr
  | 'keep' ('best' | 'highest' | 'lowest')
  | 'stop' 'after' expr
  | 'accumulate' expr
  | 'freeze' path (',' path)*
  | 'start' path 'from' STRING
  | 'step' path (',' path)* ('every' expr)? trainBlock
  | printStmt
  | assign;
dataNames: dataName (',' dataName)* '=' expr (',' expr)*;
dataName: name (':' type)?;

testDef: 'test' STRING testMark* block;
testMark: 'after' 'train' | 'training';

// -- Expressions, loosest first -----------------------------------------------

expr: andExpr ('||' andExpr)*;
andExpr: notExpr ('&&' notExpr)*;
notExpr: '!'* compare;
compare: flow (compareOp flow)?;
compareOp: '==' | '!=' | '<' | '<=' | '>' | '>=';
flow: add flowTail*;
flowTail: '->' axes | '|>' stage;
stage: path brackets? arguments?;
axes: '[' (axis (',' axis)*)? ']';
axis: '..' | axisFactor ('*' axisFactor)*;
axisFactor: name | NUMBER;
add: mul (('+' | '-') mul)*;
mul: unary (('*' | '/' | '@') unary)*;
unary: '-'* power;
power: postfix ('^' exponent)*;
exponent: '-'* postfix;
postfix: primary postfixTail*;
postfixTail: brackets | arguments | '.' name;

brackets: '[' (item (',' item)*)? ']';
item:
    '..'
  | UP '=' expr
  | slice;
slice: expr (':' expr? (':' expr?)?)? | ':' expr? (':' expr?)?;
arguments: '(' (argument (',' argument)*)? ')';
argument: (low '=')? slice;

primary:
    NUMBER
  | STRING
  | ('true' | 'false')
  | 'training'
  | name
  | elementType '(' expr ')'
  | '(' expr (',' expr)* ')'
  | '[' (expr (',' expr)*)? ']'
  | loop
  | repeat;

loop:
  kind = ('scan' | 'fold') sequences? ('along' expr)? loopMark*
  ('carry' carry (',' carry)*)? block;
repeat:
  'repeat' (sequences ('along' expr)? | 'along' expr | expr) 'backward'? block;
sequences: name (',' name)* 'in' expr (',' expr)*;
loopMark: 'backward' | 'until' expr;
carry: name '=' expr;

path: name ('.' name)*;
name: UP | low;
low:
    LOW
  | 'accumulate' | 'after' | 'along' | 'as' | 'axes' | 'axis' | 'backward'
  | 'batch' | 'best' | 'carry' | 'clip' | 'data' | 'epochs' | 'every'
  | 'expect' | 'final' | 'freeze' | 'from' | 'frozen' | 'held' | 'highest'
  | 'hold' | 'in' | 'keep' | 'loss' | 'lowest' | 'metric' | 'norm' | 'on' | 'picture' | 'print' | 'seed' | 'shuffle'
  | 'start' | 'state' | 'step' | 'stop' | 'until' | 'value' | 'within';

// -- Tokens -------------------------------------------------------------------

ACCUMULATE: 'accumulate'; AFTER: 'after'; ALONG: 'along'; AS: 'as';
AXES: 'axes'; AXIS: 'axis'; BACKWARD: 'backward'; BATCH: 'batch'; BEST: 'best';
BF16: 'bf16'; BOOL: 'bool'; CARRY: 'carry'; CLIP: 'clip'; DATA: 'data';
DIM: 'dim'; ELSE: 'else'; EPOCHS: 'epochs'; EVERY: 'every'; EXPECT: 'expect';
F16: 'f16'; F32: 'f32'; F64: 'f64'; FALSE: 'false'; FINAL: 'final'; FN: 'fn';
FOLD: 'fold'; FREEZE: 'freeze'; FROM: 'from'; FROZEN: 'frozen'; HELD: 'held';
HIGHEST: 'highest'; HOLD: 'hold'; I32: 'i32'; I64: 'i64'; I8: 'i8'; IF: 'if'; IMPORT: 'import';
IN: 'in'; KEEP: 'keep'; LAYER: 'layer'; LOSS: 'loss'; LOWEST: 'lowest'; METRIC: 'metric';
NET: 'net'; NORM: 'norm'; ON: 'on'; OPTIMIZER: 'optimizer'; PARAM: 'param';
PICTURE: 'picture'; PRINT: 'print'; REPEAT: 'repeat'; RETURN: 'return'; SCAN: 'scan'; SEED: 'seed';
SHUFFLE: 'shuffle'; START: 'start'; STATE: 'state'; STEP: 'step'; STOP: 'stop';
TEST: 'test'; TRAIN: 'train'; TRAINING: 'training'; TRUE: 'true';
UNTIL: 'until'; VALUE: 'value'; WITHIN: 'within'; YIELD: 'yield';

SEMI: ';'; COMMA: ','; COLON: ':'; DOT: '.'; DOTDOT: '..'; LPAREN: '(';
RPAREN: ')'; LBRACK: '['; RBRACK: ']'; LBRACE: '{'; RBRACE: '}'; ARROW: '->';
PIPE: '|>'; ASSIGN: '='; EQ: '=='; NE: '!='; LT: '<'; LE: '<='; GT: '>';
GE: '>='; OR: '||'; AND: '&&'; NOT: '!'; PLUS: '+'; MINUS: '-'; TIMES: '*';
DIVIDE: '/'; AT: '@'; CARET: '^';

NUMBER: DIGIT+ ('.' DIGIT+)? ([eE] [+-]? DIGIT+)?;
UP: [A-Z] WORD*;
LOW: [a-z_] WORD*;
STRING: '"' (~["\\\r\n] | '\\' ~[\r\n])* '"';

// Wrong, and said so in our own words.
NUMBER_TOUCHES_LETTER:
  (DIGIT+ ('.' DIGIT+)? ([eE] [+-]? DIGIT+)?) [a-zA-Z_] WORD*;
NUMBER_ENDS_IN_DOT: DIGIT+ '.';
NUMBER_STARTS_WITH_DOT: '.' DIGIT+;
OPEN_STRING: '"' (~["\\\r\n] | '\\' ~[\r\n])* '\\'?;

COMMENT: '#' ~[\r\n]* -> channel(HIDDEN);
SPACE: [ \t\r\n]+ -> skip;
UNKNOWN: .;

fragment DIGIT: [0-9];
fragment WORD: [A-Za-z0-9_];
