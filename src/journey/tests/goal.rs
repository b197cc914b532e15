use super::{build::*, stage::*};
